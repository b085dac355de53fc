package export

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// npyMagic starts each file. It is followed by the version in two bytes and by
// the length of the header, in two bytes for version 1 and in four after that.
const npyMagic = "\x93NUMPY"

// maxNPYHeader bounds the header. That of 64 axes takes 1.5 kB, and NumPy
// itself reads no more than 10 kB; more is needed only for records.
const maxNPYHeader = 1<<16 - 1

// WriteNPY writes d to a file in NumPy's NPY format, whole or not at all.
// Elements are bool, integers, float32 or float64; int and uint are written
// with 64 bits; a view is written as the array it shows. The file is of
// version 1.0, little endian, in C order.
//
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
func WriteNPY(path string, d *tensor.Dense) error {
	return writeFile(path, func(w io.Writer) error { return EncodeNPY(w, d) })
}

// ReadNPY reads an array that [WriteNPY] or NumPy wrote: versions 1.0 to 3.0,
// either byte order, C or Fortran order; the result is in C order.
//
//	f8 f4              float64 float32
//	f2                 float32
//	i8 i4 i2 i1        int64 int32 int16 int8
//	u8 u4 u2 u1        uint64 uint32 uint16 uint8
//	b1                 bool
//
// Other types are an error, and so are arrays without elements, which a
// tensor.Dense cannot be, and bytes after the array.
func ReadNPY(path string) (d *tensor.Dense, err error) {
	err = readFile(path, func(r io.ReaderAt, size int64) (err error) {
		d, err = DecodeNPY(r, size)
		return err
	})
	return d, err
}

// EncodeNPY is [WriteNPY] to a stream.
func EncodeNPY(w io.Writer, d *tensor.Dense) error {
	if w == nil {
		return errors.New("the writer is nil")
	}
	d, err := plainValue(d)
	if err != nil {
		return err
	}
	i, _ := kindOfDtype(d.Dtype())
	bw := bufio.NewWriter(w)
	if _, err := bw.Write(formatNPYHeader(kinds[i], d.Shape())); err != nil {
		return errors.Wrap(err, "writing the header")
	}
	if err := kinds[i].write(bw, d); err != nil {
		return err
	}
	return errors.Wrap(bw.Flush(), "writing data")
}

// DecodeNPY is [ReadNPY] from size bytes of r.
func DecodeNPY(r io.ReaderAt, size int64) (*tensor.Dense, error) {
	if r == nil {
		return nil, errors.New("the reader is nil")
	}
	return decodeNPY(io.NewSectionReader(r, 0, size), size, size)
}

// decodeNPY reads an array from r, which promises size bytes. Only sure of
// them are known to exist, and bound what is allocated before it is read.
func decodeNPY(r io.Reader, size, sure int64) (*tensor.Dense, error) {
	h, n, err := readNPYHeader(r)
	if err != nil {
		return nil, errors.WithMessage(err, "header")
	}
	elements, bytes, ok := count(h.shape, h.kind.size)
	switch {
	case !ok || int64(bytes) != size-n:
		return nil, errors.Errorf("data has %d bytes, want those of %s of shape %v", size-n, h.kind.npy, h.shape)
	case elements == 0:
		return nil, errors.Errorf("shape %v has no elements, want at least one", h.shape)
	}
	data, err := h.kind.read(r, h.order, elements, int(min(sure, int64(bytes)))/h.kind.size)
	if err != nil {
		return nil, err
	}
	if err := atEnd(r, size); err != nil {
		return nil, err
	}
	if h.fortran {
		data = h.kind.toRowMajor(data, h.shape, fortranStrides(h.shape))
	}
	return newDense(data, h.shape), nil
}

// atEnd wants no more bytes than the size that was promised. A reader of an
// archive compares the checksum when it meets the end.
func atEnd(r io.Reader, size int64) error {
	n, err := io.ReadFull(r, make([]byte, 1))
	switch {
	case err == io.EOF:
		return nil
	case n > 0:
		return errors.Errorf("has more bytes than the %d it promised", size)
	}
	return errors.Wrap(err, "after the data")
}

// readNPYHeader reads up to the data, n bytes.
func readNPYHeader(r io.Reader) (h npyHeader, n int64, err error) {
	prefix := make([]byte, len(npyMagic)+2, len(npyMagic)+2+4)
	if _, err := io.ReadFull(r, prefix); err != nil {
		return h, 0, errors.Wrapf(err, "reading the first %d bytes", len(prefix))
	}
	if string(prefix[:len(npyMagic)]) != npyMagic {
		return h, 0, errors.Errorf("starts with %q, want %q", prefix[:len(npyMagic)], npyMagic)
	}
	version := prefix[len(npyMagic):]
	if version[0] < 1 || version[0] > 3 || version[1] != 0 {
		return h, 0, errors.Errorf("is of version %d.%d, want 1.0, 2.0 or 3.0", version[0], version[1])
	}
	width := 4
	if version[0] == 1 {
		width = 2
	}
	var length [4]byte
	if _, err := io.ReadFull(r, length[:width]); err != nil {
		return h, 0, errors.Wrap(err, "reading its length")
	}
	size := int64(binary.LittleEndian.Uint32(length[:]))
	if size > maxNPYHeader {
		return h, 0, errors.Errorf("has %d bytes, want at most %d", size, maxNPYHeader)
	}
	text, err := io.ReadAll(io.LimitReader(r, size)) // grows as it reads
	if err != nil {
		return h, 0, errors.Wrap(err, "reading")
	}
	if int64(len(text)) < size {
		return h, 0, errors.Errorf("ends after %d bytes, want %d", len(text), size)
	}
	h, err = parseNPYHeader(string(text))
	return h, int64(len(prefix)+width) + size, err
}
