package train

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io/fs"
	"os"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
)

// A checkpoint is a safetensors file: the weights and the state of the optimiser
// under these prefixes, and the rest as JSON in the metadata.
const (
	checkpointEnding = ".checkpoint.safetensors"
	checkpointKey    = "thinnet.run"
	modelPrefix      = "model."
	optimiserPrefix  = "optimiser."
)

type checkpoint struct {
	Identity identity    `json:"study"`
	Epochs   []epochFile `json:"epochs"`
	Step     uint64      `json:"step"`
	LR       float64     `json:"lr"`
}

// store writes the checkpoint of a run after the epochs of h.
func (r *running) store(h *History) error {
	meta, err := json.Marshal(checkpoint{r.id, h.file(), r.m.Step(), r.optimiser.LR()})
	if err != nil {
		return errors.WithStack(err)
	}
	ts := weightsOf(r.m, modelPrefix)
	for _, s := range r.optimiser.State() {
		ts = append(ts, export.Tensor{Name: optimiserPrefix + s.Name, Value: s.Value})
	}
	return export.WriteSafetensors(r.path(checkpointEnding), ts, map[string]string{checkpointKey: string(meta)})
}

// resume takes up the checkpoint of a run, if there is one.
func (r *running) resume() error {
	path := r.path(checkpointEnding)
	if r.c.folder == "" {
		return nil
	}
	ts, meta, err := export.ReadSafetensors(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errors.WithMessage(err, "a checkpoint"+remedy)
	}
	var c checkpoint
	if err := json.Unmarshal([]byte(meta[checkpointKey]), &c); err != nil {
		return errors.Wrapf(err, "%s%s: it is no checkpoint of train.Compare", path, remedy)
	}
	if err := r.id.differs(c.Identity); err != nil {
		return errors.WithMessage(err, path+remedy)
	}
	if err := r.lacksMetric(c.Epochs); err != nil {
		return errors.WithMessage(err, path+remedy)
	}
	return errors.WithMessage(r.restore(c, ts), path+remedy)
}

func (r *running) restore(c checkpoint, ts []export.Tensor) error {
	var weights []export.Tensor
	state := map[string]export.Tensor{}
	for _, t := range ts {
		if name, ok := strings.CutPrefix(t.Name, modelPrefix); ok {
			weights = append(weights, export.Tensor{Name: name, Value: t.Value})
		}
		if name, ok := strings.CutPrefix(t.Name, optimiserPrefix); ok {
			state[name] = t
		}
	}
	if len(c.Epochs) > r.id.Epochs {
		return errors.Errorf("it is after %d epochs of %d", len(c.Epochs), r.id.Epochs)
	}
	if err := export.Match(weightsOf(r.m, ""), weights); err != nil {
		return err
	}
	var ordered []NamedTensor
	for each := 1 + len(r.optimiser.rule.moments); len(ordered) < len(state); {
		name := r.optimiser.entry(len(ordered)/each, len(ordered)%each)
		t, ok := state[name]
		if !ok {
			return errors.Errorf("the optimiser's state has no %s", name)
		}
		ordered = append(ordered, NamedTensor{name, t.Value})
	}
	if err := r.optimiser.Restore(ordered); err != nil {
		return err
	}
	r.m.SetStep(c.Step)
	r.history = historyOf(c.Epochs)
	return r.optimiser.SetLR(c.LR)
}

// forget removes the checkpoint of a run that has ended.
func (r *running) forget() error {
	err := os.Remove(r.path(checkpointEnding))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.WithStack(err)
}

// digest tells contents apart.
type digest struct{ hash.Hash }

func (d digest) String() string { return hex.EncodeToString(d.Sum(nil)[:8]) }

// numbers takes in the bits of numbers.
func (d digest) numbers(v ...float64) error {
	return errors.WithStack(binary.Write(d.Hash, binary.LittleEndian, v))
}

// some takes in samples of a data set at even distances, and returns the number
// of all.
func (d digest) some(data Dataset) (int, error) {
	n, err := lenOf(data)
	if err != nil {
		return 0, err
	}
	l, err := NewLoader(data, n)
	if err != nil {
		return 0, err
	}
	indices := make([]int, min(n, 64))
	for i := range indices {
		indices[i] = i * n / len(indices)
	}
	b, err := l.load(0, 0, indices)
	if err != nil {
		return 0, err
	}
	return n, export.EncodeSafetensors(d.Hash, []export.Tensor{{Name: "x", Value: b.X}, {Name: "t", Value: b.T}}, nil)
}

// weightsOf lists the weights under a prefix.
func weightsOf(m *graph.Model, prefix string) (ts []export.Tensor) {
	for _, w := range m.Weights() {
		ts = append(ts, export.Tensor{Name: prefix + w.Name, Value: w.Value})
	}
	return ts
}
