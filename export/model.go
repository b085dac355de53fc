package export

import (
	"io"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// SaveSafetensors writes the parameters and the state of m by
// [WriteSafetensors], under their paths: what PyTorch's load_state_dict takes
// after safetensors.torch.load_file. The model does not run meanwhile.
func SaveSafetensors(m *graph.Model, path string) error {
	if m == nil {
		return errNoModel()
	}
	return m.Exclusively(func() error {
		return WriteSafetensors(path, weights(m), map[string]string{"format": "pt"})
	})
}

// LoadSafetensors copies the tensors of a safetensors file to the weights of m
// as [Match] does: all of them, or on any problem none.
func LoadSafetensors(m *graph.Model, path string, opts ...LoadOption) error {
	if m == nil {
		return errNoModel()
	}
	ts, _, err := ReadSafetensors(path)
	if err != nil {
		return err
	}
	return load(m, path, ts, opts)
}

// SaveNPZ writes the parameters and the state of m by [WriteNPZ], under their
// paths. The model does not run meanwhile.
func SaveNPZ(m *graph.Model, path string) error {
	if m == nil {
		return errNoModel()
	}
	return m.Exclusively(func() error { return WriteNPZ(path, weights(m)) })
}

// LoadNPZ copies the arrays of an NPZ file to the weights of m as [Match]
// does: all of them, or on any problem none.
func LoadNPZ(m *graph.Model, path string, opts ...LoadOption) error {
	if m == nil {
		return errNoModel()
	}
	ts, err := ReadNPZ(path)
	if err != nil {
		return err
	}
	return load(m, path, ts, opts)
}

// LoadPyTorch copies the tensors of a file of torch.save, as [ReadPyTorch] reads
// them, to the weights of m as [Match] does: all of them, or on any problem none.
// Of a checkpoint, [Under] says where in it the state_dict is. Storages whose
// tensors are not wanted are not read.
func LoadPyTorch(m *graph.Model, path string, opts ...LoadOption) error {
	if m == nil {
		return errNoModel()
	}
	names := map[string]bool{}
	for _, w := range m.Weights() {
		names[w.Name] = true
	}
	l := newLoading(opts)
	var ts []Tensor
	err := readFile(path, func(r io.ReaderAt, size int64) (err error) {
		ts, err = decodePyTorch(r, size, func(name string) bool {
			name, ok := l.name(name)
			return ok && names[name]
		})
		return err
	})
	if err != nil {
		return err
	}
	return load(m, path, ts, opts)
}

func load(m *graph.Model, path string, ts []Tensor, opts []LoadOption) error {
	err := m.Exclusively(func() error { return Match(weights(m), ts, opts...) })
	return errors.WithMessage(err, path)
}

func errNoModel() error { return errors.New("the model is nil") }

func weights(m *graph.Model) []Tensor {
	var ts []Tensor
	for _, w := range m.Weights() {
		ts = append(ts, Tensor{w.Name, w.Value})
	}
	return ts
}
