package export

import (
	"archive/zip"
	"io"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/unpack"
)

// deflateRatio is what deflate can do at best: a code of 2 bits for 258 bytes,
// see https://zlib.net/zlib_tech.html. The slack is for entries so short that
// the ratio says little.
const (
	deflateRatio = 1032
	deflateSlack = 1 << 10
)

// WriteNPZ writes ts to a file in NumPy's NPZ format, whole or not at all: a
// zip of one [WriteNPY] file per tensor, in the order of ts, uncompressed as
// by numpy.savez. A name is UTF-8 and used once.
func WriteNPZ(path string, ts []Tensor) error {
	return writeFile(path, func(w io.Writer) error { return EncodeNPZ(w, ts) })
}

// ReadNPZ reads what [WriteNPZ], numpy.savez or numpy.savez_compressed wrote,
// in the order of the archive. [ReadNPY] says which arrays it takes.
//
// Names are those of the entries less .npy; they may look like paths, but
// nothing is unpacked to disk.
func ReadNPZ(path string) (ts []Tensor, err error) {
	err = readFile(path, func(r io.ReaderAt, size int64) (err error) {
		ts, err = DecodeNPZ(r, size)
		return err
	})
	return ts, err
}

// EncodeNPZ is [WriteNPZ] to a stream.
func EncodeNPZ(w io.Writer, ts []Tensor) error {
	if w == nil {
		return errors.New("the writer is nil")
	}
	ts, err := plain(ts)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, t := range ts {
		// The time is left at zero: equal tensors give equal bytes.
		f, err := z.CreateHeader(&zip.FileHeader{Name: t.Name + ".npy", Method: zip.Store})
		if err != nil {
			return errors.Wrapf(err, "tensor %q", t.Name)
		}
		if err := EncodeNPY(f, t.Value); err != nil {
			return errors.WithMessagef(err, "tensor %q", t.Name)
		}
	}
	return errors.Wrap(z.Close(), "writing the directory of the archive")
}

// DecodeNPZ is [ReadNPZ] from size bytes of r.
func DecodeNPZ(r io.ReaderAt, size int64) ([]Tensor, error) {
	if r == nil {
		return nil, errors.New("the reader is nil")
	}
	z, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrFormat) {
		return nil, errors.New("is no zip archive, or was cut off, want an archive of NumPy")
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are only names
		return nil, errors.Wrap(err, "reading the directory of the archive")
	}
	ts := make([]Tensor, len(z.File))
	seen := make(map[string]bool, len(z.File))
	left, unpacked := uint64(size), uint64(0)
	for i, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, errors.Errorf("entry %q is no array, want only names that end in .npy", f.Name)
		}
		if err := checkName(name, seen); err != nil {
			return nil, err
		}
		if err := checkEntry(f, left); err != nil {
			return nil, errors.WithMessagef(err, "tensor %q", name)
		}
		left -= f.CompressedSize64
		unpacked += f.UncompressedSize64 // no overflow: each is in proportion to its share of the file
		if err := unpack.Check(unpacked, uint64(size)); err != nil {
			return nil, errors.WithMessagef(err, "tensor %q", name)
		}
		if ts[i], err = readEntry(name, f); err != nil {
			return nil, errors.WithMessagef(err, "tensor %q", name)
		}
	}
	return ts, nil
}

// checkEntry reports an entry of more bytes than it can have. left is the size
// of the archive less the entries before, so that many entries cannot unpack
// the same bytes.
func checkEntry(f *zip.File, left uint64) error {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	switch {
	case packed > left:
		return errors.Errorf("entry has %d bytes of the archive, want at most %d, what the entries before it leave", packed, left)
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return errors.Errorf("entry is compressed by method %d, want 0 (stored) or 8 (deflate)", f.Method)
	case f.Method == zip.Store && size != packed:
		return errors.Errorf("entry is stored in %d bytes, want %d, its size", packed, size)
	case f.Method == zip.Deflate && size > packed*deflateRatio+deflateSlack:
		return errors.Errorf("entry promises %d bytes from %d, want at most %d times as many and %d",
			size, packed, deflateRatio, deflateSlack)
	}
	return nil
}

func readEntry(name string, f *zip.File) (Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return Tensor{}, errors.Wrap(err, "opening the entry")
	}
	defer r.Close()
	// packed bytes exist, so that many may be reserved; the rest is a promise.
	v, err := decodeNPY(r, int64(f.UncompressedSize64), int64(f.CompressedSize64))
	return Tensor{name, v}, err
}
