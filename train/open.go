package train

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"os"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/unpack"
)

// dataFile reads a file, decompressed if it is one of gzip.
type dataFile struct {
	io.Reader
	file *os.File
}

// openFile opens a file. Its error, like those of all that reads a file here,
// leaves the path to the function that the user called.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(errors.Unwrap(err), "open") // os wraps with the path
	}
	return f, nil
}

// openWhole opens a file to read as many bytes as it has now.
func openWhole(path string) (*os.File, *wholeFile, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is not a file, want one")
	}
	if err != nil {
		f.Close()
		return nil, nil, errors.WithStack(err)
	}
	return f, &wholeFile{f, info.Size(), info.Size()}, nil
}

// A wholeFile ends after the bytes that the file had when it was opened, however
// it grows, and gives an error if there are fewer by now: a table that is cut
// between two lines would look whole.
type wholeFile struct {
	r          io.Reader
	size, left int64
}

// Read implements [io.Reader].
func (w *wholeFile) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.EOF
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = errors.Errorf("ends after %d bytes and had %d when it was opened", w.size-w.left, w.size)
	}
	return n, err
}

// An unpacked reads what gzip unpacks, up to what the size of the file allows.
type unpacked struct {
	r       io.Reader
	n, size uint64
}

// Read implements [io.Reader].
func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += uint64(n)
	if bomb := unpack.Check(u.n, u.size); bomb != nil {
		return 0, bomb
	}
	return n, err
}

// openData opens a plain or gzipped file. The two magic bytes of gzip decide,
// for a download may have been renamed; none of our formats starts with them.
func openData(path string) (*dataFile, error) {
	f, whole, err := openWhole(path)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(whole, 1<<16)
	// A file too short to peek at is left to its reader to judge.
	if head, _ := r.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return &dataFile{Reader: r, file: f}, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		f.Close()
		return nil, errors.Wrap(err, "gzip header")
	}
	return &dataFile{Reader: &unpacked{r: z, size: uint64(whole.size)}, file: f}, nil
}

// Close closes the file.
func (d *dataFile) Close() error { return d.file.Close() }

// skipBOM drops the byte order mark that spreadsheets and editors write before UTF-8.
func skipBOM(f io.Reader) *bufio.Reader {
	r := bufio.NewReader(f)
	bom := []byte("\ufeff")
	if head, _ := r.Peek(len(bom)); bytes.Equal(head, bom) {
		r.Discard(len(bom)) // cannot fail: it was just peeked at
	}
	return r
}

// readExactly returns all of r, which a header promised to be of size bytes.
// Memory grows with the data that arrives, not with the promise. One byte more
// is asked for, so that garbage at the end shows and gzip gets to check its sum.
func readExactly(r io.Reader, size int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, size+1))
	if err != nil {
		return nil, errors.Wrapf(err, "after %d of %d bytes of data", len(data), size)
	}
	if int64(len(data)) < size {
		return nil, errors.Errorf("ends after %d bytes of data, its header promises %d", len(data), size)
	}
	if int64(len(data)) > size {
		return nil, errors.Errorf("goes on after the %d bytes of data that its header promises", size)
	}
	return data, nil
}
