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

// A checkpoint of a run is one of [Fit], with the study it is of beside.
const checkpointKey = "thinnet.run"

// runCheckpoint is what is stored beside. The names in it are part of the format. The
// first files had the rest here, too, and nothing of Fit's.
type runCheckpoint struct {
	Identity identity    `json:"study"`
	Epochs   []epochFile `json:"epochs,omitempty"`
	Step     uint64      `json:"step,omitempty"`
	LR       float64     `json:"lr,omitempty"`
}

// checkpoints makes Fit save the run, and go on where it was cut off.
func (r *running) checkpoints() (FitOption, error) {
	if r.c.folder == "" {
		return nil, nil
	}
	meta, err := json.Marshal(runCheckpoint{Identity: r.id})
	if err != nil {
		return nil, errors.WithStack(err)
	}
	from, err := r.stopped()
	if err != nil {
		return nil, err
	}
	return func(s *fitSettings) {
		s.checkpoints = &checkpoints{
			file: r.path(checkpointEnding), epochs: r.c.every, meta: map[string]string{checkpointKey: string(meta)},
		}
		s.from = from
	}, nil
}

// stopped returns the checkpoint of a run, nil if there is none.
func (r *running) stopped() (*stored, error) {
	path := r.path(checkpointEnding)
	ts, meta, err := readCheckpoint(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.WithMessage(err, "a checkpoint"+remedy)
	}
	var c runCheckpoint
	if err := json.Unmarshal([]byte(meta[checkpointKey]), &c); err != nil {
		return nil, errors.Wrapf(err, "%s%s: it is no checkpoint of train.Compare", path, remedy)
	}
	t := &trainingFile{Epochs: c.Epochs, Step: c.Step, LR: c.LR}
	if text, ok := meta[trainingKey]; ok {
		err = json.Unmarshal([]byte(text), t)
	} else {
		t.Optimiser = r.entries(ts)
	}
	if err != nil {
		return nil, errors.Wrapf(err, "%s%s: it is no checkpoint of train.Compare", path, remedy)
	}
	if err := r.id.differs(c.Identity); err != nil {
		return nil, errors.WithMessage(err, path+remedy)
	}
	if err := r.lacksMetric(t.Epochs); err != nil {
		return nil, errors.WithMessage(err, path+remedy)
	}
	return &stored{path, t, ts}, nil
}

// entries returns the names of an optimiser's state in the order of [Optimizer.State].
func (r *running) entries(ts []export.Tensor) (names []string) {
	n := 0
	for _, t := range ts {
		if strings.HasPrefix(t.Name, optimiserPrefix) {
			n++
		}
	}
	each := 1 + len(r.optimiser.rule.moments)
	for i := range n {
		names = append(names, r.optimiser.entry(i/each, i%each))
	}
	return names
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
