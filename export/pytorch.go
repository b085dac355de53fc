package export

import (
	"io"
	"strconv"

	"github.com/pkg/errors"
)

// ReadPyTorch reads the tensors of a file of PyTorch's torch.save, since version
// 1.6: a state_dict, or any dict that holds tensors, such as a checkpoint. It
// runs nothing: of what the file asks to be called only what makes tensors is
// known, and all else is refused by name.
//
// A tensor within dicts and lists has their keys and its own in its name, with
// dots between them: the weight of fc1 in the dict of key state_dict is
// state_dict.fc1.weight, and the momentum of an optimiser's first parameter
// optimizer.state.0.exp_avg. Other values are passed over. Tensors are in the
// order of the dict.
//
//	float64 float32                  float64 float32
//	float16 bfloat16                 float32
//	int64 int32 int16 int8           int64 int32 int16 int8
//	uint64 uint32 uint16 uint8       uint64 uint32 uint16 uint8
//	bool                             bool
//
// Tensors that lie in one storage, such as tied weights, share their memory here
// too, where they are in row-major order; one of another order is a copy in it.
//
// Other types, tensors without elements, models saved whole, TorchScript and the
// format before 1.6 are errors. In Python, torch.save(torch.load(old), new)
// turns the last into this one.
func ReadPyTorch(path string) (ts []Tensor, err error) {
	err = readFile(path, func(r io.ReaderAt, size int64) (err error) {
		ts, err = DecodePyTorch(r, size)
		return err
	})
	return ts, err
}

// DecodePyTorch is [ReadPyTorch] from size bytes of r.
func DecodePyTorch(r io.ReaderAt, size int64) ([]Tensor, error) {
	return decodePyTorch(r, size, func(string) bool { return true })
}

// decodePyTorch leaves out the values of tensors that are not wanted.
func decodePyTorch(r io.ReaderAt, size int64, wanted func(name string) bool) ([]Tensor, error) {
	if r == nil {
		return nil, errors.New("the reader is nil")
	}
	a, err := openPyTorch(r, size)
	if err != nil {
		return nil, err
	}
	text, err := a.text("data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	root, err := unpickle(text)
	if err != nil {
		return nil, errors.WithMessage(err, "data.pkl")
	}
	dict, ok := root.(*pyDict)
	if !ok {
		return nil, errors.Errorf("holds %s, want a dict of tensors, as model.state_dict()", describe(root))
	}
	w := torchWalk{left: 8*len(text) + 1024, seen: map[string]bool{}}
	if err := w.dict("", dict); err != nil {
		return nil, err
	}
	ts := make([]Tensor, len(w.names))
	for i, name := range w.names {
		ts[i].Name = name
		if !wanted(name) {
			continue
		}
		if ts[i].Value, err = a.tensor(w.tensors[i]); err != nil {
			return nil, errors.WithMessagef(err, "tensor %q", name)
		}
	}
	return ts, nil
}

// A torchWalk lists the tensors within dicts and lists. Of these there may be
// many more than the file has: it can say that one is in another as often as it
// likes, or in itself. So there is a bound on all that is met.
type torchWalk struct {
	names   []string
	tensors []*torchTensor
	seen    map[string]bool
	left    int
}

func (w *torchWalk) dict(prefix string, d *pyDict) error {
	for i, k := range d.keys {
		key, ok := k.(string)
		if n, isInt := k.(int); isInt {
			key, ok = strconv.Itoa(n), true
		}
		if !ok {
			continue
		}
		if err := w.value(prefix, key, d.values[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *torchWalk) list(prefix string, items []any) error {
	for i, v := range items {
		if err := w.value(prefix, strconv.Itoa(i), v); err != nil {
			return err
		}
	}
	return nil
}

func (w *torchWalk) value(prefix, key string, v any) error {
	w.left--
	switch v.(type) {
	case *pyDict, *pyList, pyTuple, *torchTensor:
		w.left -= len(prefix) + len(key) + 16
	}
	if w.left < 0 {
		return errors.New("data.pkl: what is within each other takes over 8 times its size: is a dict within itself?")
	}
	switch v := v.(type) {
	case *pyDict:
		return w.dict(prefix+key+".", v)
	case *pyList:
		return w.list(prefix+key+".", v.items)
	case pyTuple:
		return w.list(prefix+key+".", v)
	case *torchTensor:
		w.names, w.tensors = append(w.names, prefix+key), append(w.tensors, v)
		return checkName(prefix+key, w.seen)
	}
	return nil
}
