// Package atomicfile replaces files whole: a reader, or a machine that starts
// again after a power cut, finds the old content or the new one, never a part.
package atomicfile

import (
	"io/fs"
	"os"

	"github.com/pkg/errors"
)

// check refuses a folder, which no file replaces.
func check(path string) error {
	if path == "" {
		return errors.New("the path is empty, want that of a file")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errors.New("is a folder, want the path of a file")
	}
	return nil
}

// WithoutPath takes the path off an error of os, for those who name it themselves, as
// callers of Write do.
func WithoutPath(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
