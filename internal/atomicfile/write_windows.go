package atomicfile

import (
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Write puts what write writes at path, or leaves path as it was. It is
// written out here because renameio leaves Windows out, where a rename over an
// existing file is not promised to be atomic; and folders cannot be synced.
func Write(path string, write func(io.Writer) error) error {
	if err := check(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path))
	if err != nil {
		return errors.Wrap(WithoutPath(err), "creating a temporary file in its folder")
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return errors.Wrap(err, "syncing")
	}
	if err := f.Close(); err != nil {
		return errors.Wrap(err, "closing")
	}
	return errors.Wrap(os.Rename(f.Name(), path), "replacing")
}
