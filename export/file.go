package export

import (
	"io"
	"os"

	"github.com/pkg/errors"
)

// readFile calls decode with a file and its size.
func readFile(path string, decode func(io.ReaderAt, int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(withoutPath(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return errors.WithStack(withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a file, want one")
	}
	return decode(f, info.Size())
}

// withoutPath strips the path from an error of os, which callers add.
func withoutPath(err error) error {
	if e := (*os.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
