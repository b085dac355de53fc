package deploy

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// The metadata of a file.
const (
	formatKey  = "format"
	versionKey = "version"
	modelKey   = "model"   // a description
	packingKey = "packing" // by which kernels

	format  = "thinnet frozen model"
	version = "1"
)

// Tensors that are no weights.
const (
	packedName   = "packed/" // and a key
	graphName    = "graph.onnx"
	checksumName = "checksum" // the last one, of 4 bytes
	checksumSize = 4
)

// A description is what a file says of a model, its weights apart.
type description struct {
	Shape   graph.Shape `json:"shape"`
	Float64 bool        `json:"float64,omitempty"`
	Direct  bool        `json:"direct,omitempty"`
	Seed    uint64      `json:"seed,omitempty"`
	State   []string    `json:"state,omitempty"`  // weights that are not trained
	Unused  []string    `json:"unused,omitempty"` // weights that are not in the graph
	Lacks   string      `json:"lacks,omitempty"`  // why there is no graph
}

// encode writes a file twice, first to see its checksum.
func encode(w io.Writer, f *graph.Frozen, c *computation) error {
	ts, err := tensors(f, c)
	if err != nil {
		return err
	}
	d := description{Shape: f.Shape, Float64: f.Float64, Direct: f.Direct, Seed: f.Seed, Unused: c.unused, Lacks: c.lacks}
	for _, w := range f.Weights {
		if !w.Trainable {
			d.State = append(d.State, w.Name)
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return errors.WithStack(err)
	}
	meta := map[string]string{
		formatKey: format, versionKey: version, modelKey: string(text),
		packingKey: kernel.Packing(),
	}
	sum := make([]uint8, checksumSize)
	ts = append(ts, export.Tensor{Name: checksumName, Value: tensor.New(tensor.WithShape(checksumSize), tensor.WithBacking(sum))})
	crc := crc32.New(castagnoli)
	if err := export.EncodeMappable(crc, ts, meta); err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(sum, crc.Sum32())
	return export.EncodeMappable(w, ts, meta)
}

// tensors are the weights, packed and as they are, in an order in which all are aligned.
func tensors(f *graph.Frozen, c *computation) (ts []export.Tensor, err error) {
	for _, key := range slices.Sorted(maps.Keys(f.Prepared)) {
		ts = append(ts, export.Tensor{Name: packedName + key, Value: f.Prepared[key]})
	}
	for _, w := range f.Weights {
		if strings.HasPrefix(w.Name, packedName) || w.Name == checksumName || w.Name == graphName {
			return nil, errors.Errorf("a weight is called %s, which the file has for something else; want another name", w.Name)
		}
		ts = append(ts, export.Tensor{Name: w.Name, Value: w.Value})
	}
	if n := len(c.graph); n > 0 {
		ts = append(ts, export.Tensor{Name: graphName, Value: tensor.New(tensor.WithShape(n), tensor.WithBacking(c.graph))})
	}
	slices.SortStableFunc(ts, func(a, b export.Tensor) int {
		return cmp.Or(cmp.Compare(ragged(a), ragged(b)), cmp.Compare(b.Value.Dtype().Size(), a.Value.Dtype().Size()))
	})
	return ts, nil
}

// ragged is 0 for whole cache lines, which come first, and 1 for others.
func ragged(t export.Tensor) int {
	const line = 64
	if t.Value.Shape().TotalSize()*int(t.Value.Dtype().Size())%line == 0 {
		return 0
	}
	return 1
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkSum compares the checksum at the end of a file with that of the file, in which it
// counts as zeros.
func checkSum(data []byte) error {
	end := len(data) - checksumSize
	got := crc32.Update(crc32.Checksum(data[:end], castagnoli), castagnoli, make([]byte, checksumSize))
	if want := binary.LittleEndian.Uint32(data[end:]); got != want {
		return errors.Errorf("the file is damaged: its CRC-32C is %08x, want %08x; write it anew with deploy.Freeze", got, want)
	}
	return nil
}

// decode reads a file that is in memory. packed says whether it was packed for the kernels
// in use; what was packed for others is left out.
func decode(data []byte) (f *graph.Frozen, c *computation, packed bool, err error) {
	ts, meta, err := export.ViewSafetensors(data)
	if err != nil {
		return nil, nil, false, err
	}
	switch {
	case meta[formatKey] != format:
		return nil, nil, false, errors.Errorf("is no frozen model: its format is %q, want %q, as deploy.Freeze writes it", meta[formatKey], format)
	case meta[versionKey] != version:
		return nil, nil, false, errors.Errorf("is a frozen model of version %q, want %s; write it anew with deploy.Freeze", meta[versionKey], version)
	case len(ts) == 0 || ts[len(ts)-1].Name != checksumName || ts[len(ts)-1].Value.DataSize() != checksumSize:
		return nil, nil, false, errors.Errorf("is no frozen model: it does not end in a tensor %q of %d bytes", checksumName, checksumSize)
	}
	if err := checkSum(data); err != nil {
		return nil, nil, false, err
	}
	var d description
	if err := json.Unmarshal([]byte(meta[modelKey]), &d); err != nil {
		return nil, nil, false, errors.Wrapf(err, "metadata %q", modelKey)
	}
	f = &graph.Frozen{Shape: d.Shape, Float64: d.Float64, Direct: d.Direct, Seed: d.Seed, Prepared: map[string]*tensor.Dense{}}
	c = &computation{unused: d.Unused, lacks: d.Lacks}
	packed = meta[packingKey] == kernel.Packing()
	for _, t := range ts[:len(ts)-1] {
		if key, ok := strings.CutPrefix(t.Name, packedName); t.Name == graphName {
			if c.graph, ok = t.Value.Data().([]byte); !ok {
				return nil, nil, false, errors.Errorf("tensor %q has elements of type %v, want bytes", graphName, t.Value.Dtype())
			}
		} else if !ok {
			f.Weights = append(f.Weights, graph.Weight{Name: t.Name, Value: t.Value, Trainable: !slices.Contains(d.State, t.Name)})
		} else if packed {
			f.Prepared[key] = t.Value
		}
	}
	return f, c, packed, nil
}
