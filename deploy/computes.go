package deploy

import (
	"bytes"
	"slices"
	"strings"
	"unsafe"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnximport"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// A computation is what a model computes, in the form of ONNX and without its weights.
type computation struct {
	graph  []byte
	lacks  string   // why there is none
	unused []string // weights that are not in it
}

// describe returns what m computes. That there is no form of it is no error.
func describe(m *graph.Model) (*computation, error) {
	var file bytes.Buffer
	if err := onnx.Write(&file, m); err != nil {
		return &computation{lacks: strings.TrimPrefix(err.Error(), "onnx.Write: ")}, nil
	}
	p := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(file.Bytes(), p); err != nil {
		return nil, errors.WithStack(err)
	}
	weights := map[string]bool{}
	for _, w := range m.Weights() {
		weights[w.Name] = true
	}
	for _, w := range p.Graph.Initializer {
		if weights[w.GetName()] { // these lie in the file as they are
			w.RawData, w.DataLocation = nil, onnxpb.TensorProto_EXTERNAL.Enum()
		}
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	return &computation{graph: data}, errors.WithStack(err)
}

// file reads the graph, whose weights are those of f.
func (c *computation) file(f *graph.Frozen) (*onnximport.File, error) {
	if len(c.graph) == 0 {
		return nil, errors.Errorf("the file does not say what the model computes (%s): use deploy.OpenFunc", c.lacks)
	}
	return onnximport.Parse(bytes.NewReader(c.graph), int64(len(c.graph)), func(p *onnxpb.TensorProto, size int) ([]byte, error) {
		i := slices.IndexFunc(f.Weights, func(w graph.Weight) bool { return w.Name == p.GetName() })
		if i >= 0 {
			if data := raw(f.Weights[i].Value); len(data) == size {
				return data, nil
			}
		}
		return nil, errors.New("the file has no weight of this name and size")
	})
}

// build makes the model of f from what the file says of it.
func (c *computation) build(f *graph.Frozen) (*graph.Model, error) {
	file, err := c.file(f)
	if err != nil {
		return nil, err
	}
	if err := file.Supported(); err != nil {
		return nil, err
	}
	shape, err := file.Shape(f.Shape)
	if err != nil {
		return nil, err
	}
	own := *f
	own.Weights = slices.DeleteFunc(slices.Clone(f.Weights), func(w graph.Weight) bool { return slices.Contains(c.unused, w.Name) })
	return graph.Build(file.Declare, shape, graph.FromFrozen(&own))
}

// prepare adds to f what the model needs that is built from the graph: mostly the same. If
// it can't be built there is no graph.
func (c *computation) prepare(f *graph.Frozen, batches []int) error {
	if len(c.graph) == 0 {
		return nil
	}
	names, err := c.declared(f)
	if err != nil {
		*c = computation{lacks: err.Error()}
		return nil
	}
	for _, w := range f.Weights {
		if !names[w.Name] {
			c.unused = append(c.unused, w.Name)
		}
	}
	m, err := c.build(f)
	if err != nil {
		*c = computation{lacks: err.Error()}
		return nil
	}
	return m.Freeze(batches, func(own *graph.Frozen) error {
		for key, v := range own.Prepared {
			f.Prepared[key] = v
		}
		return nil
	})
}

// declared are the names of the weights in the graph.
func (c *computation) declared(f *graph.Frozen) (map[string]bool, error) {
	file, err := c.file(f)
	if err != nil {
		return nil, err
	}
	var opts []graph.Option
	if f.Float64 {
		opts = append(opts, graph.Float64())
	}
	m, err := graph.Build(file.Declare, f.Shape, opts...)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, w := range m.Weights() {
		names[w.Name] = true
	}
	return names, nil
}

// raw are the bytes of a tensor in memory, which are those of ONNX: files that are used
// where they lie want a little-endian machine.
func raw(d *tensor.Dense) []byte {
	switch v := d.Data().(type) {
	case []float32:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
	case []float64:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*len(v))
	}
	return nil
}
