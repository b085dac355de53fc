package export

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pkg/errors"
)

// wantOnly fails unless dir holds one file called name of that content.
func wantOnly(t *testing.T, dir, name, content string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].Name() != name {
		t.Errorf("folder holds %v, want only %s", files, name)
	}
	if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != content {
		t.Errorf("%s holds %q (%v), want %q", name, got, err, content)
	}
}

func TestWriteOfWhatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	unwritable := []Tensor{{"a", dense([]float32{1}, 1)}, {"b", dense([]complex64{1}, 1)}}
	wantError(t, "WriteSafetensors", WriteSafetensors(path, unwritable, nil), path, `"b"`)
	wantError(t, "WriteNPZ", WriteNPZ(path, unwritable), path, `"b"`)
	wantError(t, "WriteNPY", WriteNPY(path, unwritable[1].Value), path, "complex64")
	wantOnly(t, dir, "w", "old")
}

func TestWriteNowhere(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing", "w")
	err := WriteNPZ(missing, nil)
	wantError(t, "missing folder", err, missing, "folder")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: got error %v, want an fs.ErrNotExist", err)
	}

	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	wantError(t, "a folder in the way", WriteNPZ(folder, nil), folder)
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("folder holds %v (%v), want only the one in the way", files, err)
	}
}

func TestWriteReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "w")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	wantError(t, "read-only folder", WriteNPZ(path, nil), path, "permission")
	wantOnly(t, dir, "w", "old")
}
