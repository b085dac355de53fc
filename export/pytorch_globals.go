package export

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// torchStorages are the classes of storage that hold what kinds know, and their
// names there. A storage without a type counts its bytes.
var torchStorages = map[string]string{
	"DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
	"LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
	"ByteStorage": "U8", "BoolStorage": "BOOL",
}

const untypedStorage = "torch.storage.UntypedStorage"

// torchTypes are the types of element by PyTorch's names.
var torchTypes = map[string]string{
	"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16",
	"int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
	"uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL",
}

// The functions that make tensors and dicts again, and values that stand beside
// tensors in a checkpoint.
const (
	orderedDict     = "collections.OrderedDict"
	rebuildTensor   = "torch._utils._rebuild_tensor_v2"
	rebuildTensor3  = "torch._utils._rebuild_tensor_v3" // with its type of element
	rebuildParam    = "torch._utils._rebuild_parameter"
	rebuildParamToo = "torch._utils._rebuild_parameter_with_state"
)

var torchOthers = []string{"torch.Size", "torch.device", "collections.Counter", "builtins.set", "__builtin__.set"}

// globalOf returns the name of a class or a function that tensors need.
func globalOf(module, name string) (any, error) {
	full := module + "." + name
	switch full {
	case orderedDict, rebuildTensor, rebuildTensor3, rebuildParam, rebuildParamToo, untypedStorage:
		return pyGlobal(full), nil
	}
	if _, ok := torchStorages[name]; ok && module == "torch" {
		return pyGlobal(full), nil
	}
	if _, ok := torchTypes[name]; ok && module == "torch" || slices.Contains(torchOthers, full) {
		return pyGlobal(full), nil
	}
	if strings.HasPrefix(full, "torch.") && strings.HasSuffix(full, "Storage") {
		return nil, errors.Errorf("elements are those of %.100q, want bool, an integer or a real float", full)
	}
	return nil, errors.Errorf("refuses %.100q: only tensors are read; of a model, save its state_dict()", full)
}

// A torchStorage is a record of the archive.
type torchStorage struct {
	key   string
	kind  int // in kinds; -1 if it has none
	count int // elements, or bytes if it has no kind
}

// storageOf reads what stands for a storage:
// ('storage', class, key, location, number of elements).
func storageOf(id any) (any, error) {
	v, _ := id.(pyTuple)
	if len(v) < 5 || v[0] != "storage" {
		return nil, errors.Errorf("refers to %s, want a storage", describe(id))
	}
	class, isGlobal := v[1].(pyGlobal)
	key, isText := v[2].(string)
	count, isCount := v[4].(int)
	if !isGlobal || !isText || !isCount || count < 0 {
		return nil, errors.Errorf("storage is of %s, %s, %s elements, want a class, a key and a count",
			describe(v[1]), describe(v[2]), describe(v[4]))
	}
	if class == untypedStorage {
		return torchStorage{key, -1, count}, nil
	}
	k, ok := kindNamed(torchStorages[strings.TrimPrefix(string(class), "torch.")])
	if !ok {
		return nil, errors.Errorf("storage is of %s, want a class of storages", class)
	}
	return torchStorage{key, k, count}, nil
}

// kindNamed finds a kind by its name in safetensors files.
func kindNamed(name string) (int, bool) {
	i := slices.IndexFunc(kinds[:], func(k kind) bool { return k.safetensors == name })
	return i, i >= 0
}

// A torchTensor is what a storage shows, in a shape.
type torchTensor struct {
	storage        torchStorage // with a kind
	offset         int          // these three in elements
	shape, strides []int
	n              int // elements of the shape
	span           int // elements of the storage from the first to the last
}

// reduce does what a call would do, for functions that globalOf knows.
func reduce(f, arguments any) (any, error) {
	name, isGlobal := f.(pyGlobal)
	args, isTuple := arguments.(pyTuple)
	if !isGlobal || !isTuple {
		return nil, errors.Errorf("calls %s with %s, want a function and a tuple", describe(f), describe(arguments))
	}
	switch name {
	case orderedDict:
		if len(args) == 0 {
			return &pyDict{}, nil
		}
	case rebuildParam, rebuildParamToo:
		if t, ok := at(args, 0).(*torchTensor); ok {
			return t, nil
		}
	case rebuildTensor:
		if len(args) >= 6 {
			return newTorchTensor(args, nil, at(args, 6))
		}
	case rebuildTensor3:
		if len(args) >= 7 {
			return newTorchTensor(args, args[6], at(args, 7))
		}
	default:
		if slices.Contains(torchOthers, string(name)) {
			return pyOther{}, nil
		}
	}
	return nil, errors.Errorf("calls %s with %s, which is not what torch.save does", name, describe(args))
}

// newTorchTensor takes (storage, offset, shape, strides, ...), the type of the
// elements or nil, and what is to be done with them.
func newTorchTensor(args pyTuple, dtype, meta any) (any, error) {
	t := &torchTensor{}
	var isStorage, isOffset bool
	t.storage, isStorage = args[0].(torchStorage)
	t.offset, isOffset = args[1].(int)
	var err error
	if !isStorage || !isOffset || t.offset < 0 {
		return nil, errors.Errorf("tensor is of %s at %s, want a storage and an offset", describe(args[0]), describe(args[1]))
	}
	if t.shape, err = sizesOf(args[2]); err != nil {
		return nil, errors.WithMessage(err, "shape")
	}
	if t.strides, err = sizesOf(args[3]); err != nil {
		return nil, errors.WithMessage(err, "strides")
	}
	if m, isDict := meta.(*pyDict); meta != nil && (!isDict || len(m.keys) > 0) {
		return nil, errors.New("tensor is a conjugate or a negative not yet computed, want it after resolve_conj() or resolve_neg()")
	}
	if dtype != nil {
		name, _ := dtype.(pyGlobal)
		k, ok := kindNamed(torchTypes[strings.TrimPrefix(string(name), "torch.")])
		if !ok || t.storage.kind >= 0 {
			return nil, errors.Errorf("elements are of %s, want bool, an integer or a real float", describe(dtype))
		}
		t.storage.kind, t.storage.count = k, t.storage.count/kinds[k].size
	}
	if t.storage.kind < 0 {
		return nil, errors.New("elements have no type, want one")
	}
	return t, t.check()
}

// check wants all elements in the storage, and no more of them than it has.
func (t *torchTensor) check() error {
	var ok bool
	if t.n, _, ok = count(t.shape, kinds[t.storage.kind].size); !ok || len(t.strides) != len(t.shape) {
		return errors.Errorf("tensor has shape %v and strides %v, want as many of both and what memory can hold", t.shape, t.strides)
	}
	if t.n == 0 {
		return nil // refused where it is used
	}
	last := uint64(t.offset)
	for i, d := range t.shape {
		if d == 1 { // its stride is never used, and any number
			t.strides[i] = 0
		}
		hi, lo := bits.Mul64(uint64(d-1), uint64(t.strides[i]))
		if last += lo; hi != 0 || lo >= 1<<62 || last >= 1<<62 {
			last = 1 << 62
			break
		}
	}
	if last >= uint64(t.storage.count) || t.n > t.storage.count {
		return errors.Errorf("tensor of shape %v and strides %v at %d does not fit a storage of %d elements, "+
			"each of which is in a tensor once: save a clone() of one that was expanded", t.shape, t.strides, t.offset, t.storage.count)
	}
	t.span = int(last) - t.offset + 1
	// An axis of one element has the stride of row-major order.
	for i, step := len(t.shape)-1, 1; i >= 0; i-- {
		if t.shape[i] == 1 {
			t.strides[i] = step
		}
		step *= t.shape[i]
	}
	return nil
}

func sizesOf(v any) ([]int, error) {
	items, ok := v.(pyTuple)
	if !ok || len(items) > maxDims {
		return nil, errors.Errorf("is %s, want a tuple of at most %d", describe(v), maxDims)
	}
	out := make([]int, len(items))
	for i, item := range items {
		if out[i], ok = item.(int); !ok || out[i] < 0 {
			return nil, errors.Errorf("has %s, want whole numbers from 0", describe(item))
		}
	}
	return out, nil
}
