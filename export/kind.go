package export

import (
	"encoding/binary"
	"io"
	"reflect"
	"slices"
	"unsafe"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/half"
	"gorgonia.org/tensor"
)

// A kind is a type of element as files know it.
type kind struct {
	safetensors string // name there
	npy         string // name there, less the byte order; empty if it has none
	size        int    // bytes of an element in a file

	// dtype is the type in memory. Halves have one that is not theirs, for
	// Go has none; they are read and not written.
	dtype tensor.Dtype

	// read returns n elements as a slice. Its first allocation is for at most
	// sure of them; what follows grows with what was read.
	read func(r io.Reader, order binary.ByteOrder, n, sure int) (any, error)
	// toRowMajor turns what read returned from the order of strides to C's.
	toRowMajor func(data any, shape, strides []int) any
	// elements returns a tensor's as a slice in row-major order, which is the
	// tensor's own memory if that has it.
	elements func(d *tensor.Dense) any
	// write writes them, little endian.
	write func(w io.Writer, d *tensor.Dense) error
	// view returns n elements where they lie, as a slice. Nil if they lie in a file in
	// another form than in memory.
	view func(data []byte, n int) any
}

// kinds are in the order of the reference implementation of safetensors,
// https://github.com/huggingface/safetensors, which places tensors in a file
// by it, last first: the widest come first, so that all are aligned.
var kinds = [...]kind{
	boolKind(),
	kindOf("U8", "u1", (*tensor.Dense).Uint8s),
	kindOf("I8", "i1", (*tensor.Dense).Int8s),
	kindOf("I16", "i2", (*tensor.Dense).Int16s),
	kindOf("U16", "u2", (*tensor.Dense).Uint16s),
	halfKind("F16", "f2", half.Float16),
	halfKind("BF16", "", half.BFloat16),
	kindOf("I32", "i4", (*tensor.Dense).Int32s),
	kindOf("U32", "u4", (*tensor.Dense).Uint32s),
	kindOf("F32", "f4", (*tensor.Dense).Float32s),
	kindOf("F64", "f8", (*tensor.Dense).Float64s),
	kindOf("I64", "i8", (*tensor.Dense).Int64s),
	kindOf("U64", "u8", (*tensor.Dense).Uint64s),
}

// kindOfDtype returns the index in kinds of what a tensor is written as.
func kindOfDtype(dt tensor.Dtype) (int, bool) {
	i := slices.IndexFunc(kinds[:], func(k kind) bool { return k.dtype == dt && k.write != nil })
	return i, i >= 0
}

type element interface {
	bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

func kindOf[T element](safetensors, npy string, elements func(*tensor.Dense) []T) kind {
	dt := tensor.Dtype{Type: reflect.TypeFor[T]()}
	return kind{
		safetensors: safetensors,
		npy:         npy,
		size:        int(dt.Size()),
		dtype:       dt,
		read: func(r io.Reader, order binary.ByteOrder, n, sure int) (any, error) {
			return readSlice[T](r, order, n, sure)
		},
		toRowMajor: func(data any, shape, strides []int) any {
			return rowMajor(data.([]T), shape, strides)
		},
		elements: func(d *tensor.Dense) any {
			return rowMajor(elements(d), d.Shape(), d.Strides())
		},
		write: func(w io.Writer, d *tensor.Dense) error {
			return writeSlice(w, rowMajor(elements(d), d.Shape(), d.Strides()))
		},
		view: func(data []byte, n int) any {
			return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), n)
		},
	}
}

// boolKind is that of bytes of which those of a file may be neither 0 nor 1.
func boolKind() kind {
	k := kindOf("BOOL", "b1", (*tensor.Dense).Bools)
	k.view = nil
	return k
}

func halfKind(safetensors, npy string, widen func(uint16) float32) kind {
	k := kindOf("", "", (*tensor.Dense).Float32s)
	k.safetensors, k.npy, k.size, k.write, k.view = safetensors, npy, 2, nil, nil
	k.read = func(r io.Reader, order binary.ByteOrder, n, sure int) (any, error) {
		halves, err := readSlice[uint16](r, order, n, sure)
		if err != nil {
			return nil, err
		}
		out := make([]float32, n)
		for i, h := range halves {
			out[i] = widen(h)
		}
		return out, nil
	}
	return k
}

// chunk is the number of elements converted at a time: enough to drown the
// cost of a call, and few enough to stay in the first levels of cache.
const chunk = 4096

func readSlice[T element](r io.Reader, order binary.ByteOrder, n, sure int) ([]T, error) {
	size := binary.Size(*new(T))
	out := make([]T, 0, min(n, sure))
	buf := make([]byte, min(n, chunk)*size)
	for len(out) < n {
		next := min(chunk, n-len(out))
		_, err := io.ReadFull(r, buf[:next*size])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, errors.Errorf("data ends before its %d bytes do", n*size)
		}
		if err != nil {
			return nil, errors.Wrap(err, "reading data")
		}
		out = slices.Grow(out, next)[:len(out)+next]
		if _, err := binary.Decode(buf[:next*size], order, out[len(out)-next:]); err != nil {
			return nil, errors.Wrap(err, "decoding data")
		}
	}
	return out, nil
}

func writeSlice[T element](w io.Writer, data []T) error {
	var buf []byte
	for part := range slices.Chunk(data, chunk) {
		var err error
		if buf, err = binary.Append(buf[:0], binary.LittleEndian, part); err != nil {
			return errors.Wrap(err, "encoding data")
		}
		if _, err := w.Write(buf); err != nil {
			return errors.Wrap(err, "writing data")
		}
	}
	return nil
}
