//go:build !windows

package atomicfile

import (
	stderrors "errors"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
	"github.com/pkg/errors"
)

// Write puts what write writes at path, or leaves path as it was. An
// existing file keeps its permissions; a symbolic link is replaced, not
// followed.
func Write(path string, write func(io.Writer) error) error {
	if err := check(path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return errors.Wrap(WithoutPath(err), "opening its folder")
	}
	defer dir.Close()
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(0o666), renameio.WithExistingPermissions())
	if err != nil {
		return errors.Wrap(WithoutPath(err), "creating a temporary file in its folder")
	}
	defer f.Cleanup()
	if err := write(f); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil { // syncs before it renames
		return errors.Wrap(err, "replacing")
	}
	// The new name is only in memory until the folder is synced, too. Some
	// file systems cannot do that, and say so by EINVAL or a kin of ENOTSUP.
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, stderrors.ErrUnsupported) {
		return nil
	}
	return errors.Wrap(err, "syncing its folder")
}
