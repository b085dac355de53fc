package export

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unsafe"

	"github.com/pkg/errors"
)

// mappedAlign is a cache line.
const mappedAlign = 64

// EncodeMappable is [EncodeSafetensors] for a file that is to be used where it lies, by a
// map to memory: data begins at a multiple of 64 bytes and is in the order of ts, without
// gaps. Those whose size is a multiple of 64 bytes should come first, and then the widest
// types: all are aligned then.
func EncodeMappable(w io.Writer, ts []Tensor, meta map[string]string) error {
	if w == nil {
		return errors.New("the writer is nil")
	}
	ts, err := plain(ts)
	if err != nil {
		return err
	}
	return encodeInOrder(w, ts, meta, mappedAlign)
}

// ViewSafetensors returns the tensors of a file whose bytes are in memory, such as those
// of a map. They share its memory, and are valid for as long as it is; if that can't be
// written to, neither can they. It checks what [ReadSafetensors] checks.
//
// A tensor is an error if memory has its elements in no such form: booleans, halves, what
// is not aligned to the size of an element, and anything on a big-endian machine.
func ViewSafetensors(data []byte) (ts []Tensor, meta map[string]string, err error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, nil, errors.New("this machine is big-endian, and the elements of a file are not; read it with ReadSafetensors")
	}
	entries, meta, begin, err := readHeader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	ts = make([]Tensor, len(entries))
	for i, e := range entries {
		k := kinds[e.kind]
		from := data[uint64(begin)+e.begin:][:e.end-e.begin]
		switch {
		case k.view == nil:
			return nil, nil, errors.Errorf("tensor %q is of %s, want one of %s to use it where it lies", e.name, k.safetensors, viewable())
		case uintptr(unsafe.Pointer(unsafe.SliceData(from)))%uintptr(k.size) != 0:
			return nil, nil, errors.Errorf("tensor %q of %s lies at byte %d of the file, want a multiple of %d", e.name, k.safetensors, uint64(begin)+e.begin, k.size)
		}
		n, _, _ := count(e.shape, k.size)
		ts[i] = Tensor{e.name, newDense(k.view(from, n), e.shape)}
	}
	return ts, meta, nil
}

func viewable() string {
	var names []string
	for _, k := range kinds {
		if k.view != nil {
			names = append(names, k.safetensors)
		}
	}
	return strings.Join(names, " ")
}
