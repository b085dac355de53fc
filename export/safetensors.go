package export

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"io"
	"slices"

	"github.com/pkg/errors"
)

// prefixSize is that of the length of the header, before it.
const prefixSize = 8

// maxHeader bounds the header, as the reference implementation does.
const maxHeader = 100_000_000

// WriteSafetensors writes ts to a file in the safetensors format, whole or
// not at all. Elements are bool, integers, float32 or float64; int and uint
// are written as I64 and U64; a view is written as the array it shows.
//
// meta, which may be nil, is stored with the tensors. PyTorch's loaders want
// no particular key; Hugging Face's transformers wants format: pt.
//
// A name is UTF-8, used once, and not __metadata__. The file has tensors
// ordered as the reference implementation orders them, and metadata by key.
//
// Source: https://github.com/huggingface/safetensors#format.
func WriteSafetensors(path string, ts []Tensor, meta map[string]string) error {
	return writeFile(path, func(w io.Writer) error { return EncodeSafetensors(w, ts, meta) })
}

// ReadSafetensors reads what [WriteSafetensors] or another program wrote. It
// returns the tensors in the order of their data, and nil metadata if there is
// none.
//
//	F64 F32            float64 float32
//	F16 BF16           float32
//	I64 I32 I16 I8     int64 int32 int16 int8
//	U64 U32 U16 U8     uint64 uint32 uint16 uint8
//	BOOL               bool
//
// Other types are an error, and so are tensors without elements, which a
// tensor.Dense cannot be. The header is checked as the reference
// implementation checks it and no more leniently: every byte of data belongs
// to exactly one tensor.
func ReadSafetensors(path string) (ts []Tensor, meta map[string]string, err error) {
	err = readFile(path, func(r io.ReaderAt, size int64) (err error) {
		ts, meta, err = DecodeSafetensors(r, size)
		return err
	})
	return ts, meta, err
}

// EncodeSafetensors is [WriteSafetensors] to a stream.
func EncodeSafetensors(w io.Writer, ts []Tensor, meta map[string]string) error {
	if w == nil {
		return errors.New("the writer is nil")
	}
	ts, err := plain(ts)
	if err != nil {
		return err
	}
	slices.SortFunc(ts, func(a, b Tensor) int {
		i, _ := kindOfDtype(a.Value.Dtype())
		j, _ := kindOfDtype(b.Value.Dtype())
		return cmp.Or(cmp.Compare(j, i), cmp.Compare(a.Name, b.Name))
	})
	return encodeInOrder(w, ts, meta, prefixSize)
}

// encodeInOrder writes ts one after the other, from a multiple of align bytes on.
func encodeInOrder(w io.Writer, ts []Tensor, meta map[string]string, align int) error {
	header, err := formatHeader(ts, meta, align)
	if err != nil {
		return err
	}
	bw := bufio.NewWriter(w)
	if err := binary.Write(bw, binary.LittleEndian, uint64(len(header))); err != nil {
		return errors.Wrap(err, "writing the header")
	}
	if _, err := bw.Write(header); err != nil {
		return errors.Wrap(err, "writing the header")
	}
	for _, t := range ts {
		i, _ := kindOfDtype(t.Value.Dtype())
		if err := kinds[i].write(bw, t.Value); err != nil {
			return errors.WithMessagef(err, "tensor %q", t.Name)
		}
	}
	return errors.Wrap(bw.Flush(), "writing data")
}

// DecodeSafetensors is [ReadSafetensors] from size bytes of r.
func DecodeSafetensors(r io.ReaderAt, size int64) (ts []Tensor, meta map[string]string, err error) {
	if r == nil {
		return nil, nil, errors.New("the reader is nil")
	}
	entries, meta, begin, err := readHeader(r, size)
	if err != nil {
		return nil, nil, err
	}
	data := io.NewSectionReader(r, begin, size-begin)
	ts = make([]Tensor, len(entries))
	for i, e := range entries {
		k := kinds[e.kind]
		elements, _, _ := count(e.shape, k.size)
		v, err := k.read(data, binary.LittleEndian, elements, elements)
		if err != nil {
			return nil, nil, errors.WithMessagef(err, "tensor %q", e.name)
		}
		ts[i] = Tensor{e.name, newDense(v, e.shape)}
	}
	return ts, meta, nil
}

// readHeader reads what comes before the data, which begins at the byte begin.
func readHeader(r io.ReaderAt, size int64) (entries []entry, meta map[string]string, begin int64, err error) {
	var prefix [prefixSize]byte
	if size < prefixSize {
		return nil, nil, 0, errors.Errorf("is not a safetensors file: it has %d bytes, want at least 8 for the length of the header", size)
	}
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), prefix[:]); err != nil {
		return nil, nil, 0, errors.Wrap(err, "reading the length of the header")
	}
	n, left := binary.LittleEndian.Uint64(prefix[:]), size-prefixSize
	if n > maxHeader || n > uint64(left) {
		return nil, nil, 0, errors.Errorf("is not a safetensors file, or was cut off: it begins with %q, which means a header of %d bytes, want at most %d, the rest of the file",
			prefix, n, min(maxHeader, left))
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(r, prefixSize, left), header); err != nil {
		return nil, nil, 0, errors.Wrap(err, "reading the header")
	}
	if entries, meta, err = parseHeader(header); err != nil {
		return nil, nil, 0, errors.WithMessage(err, "header")
	}
	return entries, meta, prefixSize + int64(n), checkLayout(entries, uint64(left)-n)
}
