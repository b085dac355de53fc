package export

import (
	"io"
	"os"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
)

// writeFile makes a file of what encode writes, whole or not at all. Errors name
// the file.
func writeFile(path string, encode func(io.Writer) error) error {
	if path == "" {
		return errors.New("the path is empty, want that of a file to write")
	}
	return errors.WithMessage(atomicfile.Write(path, encode), path)
}

// readFile calls decode with a file and its size. Errors name the file.
func readFile(path string, decode func(io.ReaderAt, int64) error) error {
	if path == "" {
		return errors.New("the path is empty, want that of a file to read")
	}
	return errors.WithMessage(decodeFile(path, decode), path)
}

func decodeFile(path string, decode func(io.ReaderAt, int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(atomicfile.WithoutPath(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return errors.WithStack(atomicfile.WithoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a file, want one")
	}
	return decode(f, info.Size())
}
