package export

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A reader here is one of files that are not trusted: docs/robustness.md has a row
// for each, and says what these tests try.
type untrusted struct {
	name, good string
	decode     func(r io.ReaderAt, size int64) error
	read       func(path string) error
}

func readers(t *testing.T) []untrusted {
	t.Helper()
	encoded := func(encode func(w io.Writer) error) string {
		var b strings.Builder
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	ts := []Tensor{{"d/kernel", quarters[float32](2, 3)}, {"d/bias", quarters[float32](3)}}
	npz := encoded(func(w io.Writer) error { return EncodeNPZ(w, ts) })
	raw := deflated(t, npyGolden)
	single, err := os.ReadFile(torchFile("single.pt"))
	if err != nil {
		t.Fatal(err)
	}
	return []untrusted{
		{"NPY", encoded(func(w io.Writer) error { return EncodeNPY(w, ts[0].Value) }),
			func(r io.ReaderAt, size int64) error { _, err := DecodeNPY(r, size); return err },
			func(path string) error { _, err := ReadNPY(path); return err }},
		{"NPZ", npz,
			func(r io.ReaderAt, size int64) error { _, err := DecodeNPZ(r, size); return err },
			func(path string) error { _, err := ReadNPZ(path); return err }},
		{"deflated NPZ", archive(t, header("a.npy", zip.Deflate, raw, npyGolden), raw),
			func(r io.ReaderAt, size int64) error { _, err := DecodeNPZ(r, size); return err },
			func(path string) error { _, err := ReadNPZ(path); return err }},
		{"safetensors", encoded(func(w io.Writer) error { return EncodeSafetensors(w, ts, nil) }),
			func(r io.ReaderAt, size int64) error { _, _, err := DecodeSafetensors(r, size); return err },
			func(path string) error { _, _, err := ReadSafetensors(path); return err }},
		{"PyTorch", string(single),
			func(r io.ReaderAt, size int64) error { _, err := DecodePyTorch(r, size); return err },
			func(path string) error { _, err := ReadPyTorch(path); return err }},
		{"Keras", npz,
			func(r io.ReaderAt, size int64) error { _, err := DecodeKeras(r, size); return err },
			func(path string) error { _, err := ReadKeras(path); return err }},
	}
}

func TestUntrustedFilesCutAnywhere(t *testing.T) {
	for _, r := range readers(t) {
		if err := r.decode(strings.NewReader(r.good), int64(len(r.good))); err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		for n := range r.good {
			if err := r.decode(strings.NewReader(r.good[:n]), int64(n)); err == nil {
				t.Errorf("%s: the first %d of %d bytes are read", r.name, n, len(r.good))
			}
			// Shorter by the time it is read than when it was opened. A zip may lack a
			// part of its last record, of 22 bytes: the places of all entries are known.
			inEnd := strings.HasPrefix(r.good, "PK") && n >= len(r.good)-22
			if err := r.decode(strings.NewReader(r.good[:n]), int64(len(r.good))); err == nil && !inEnd {
				t.Errorf("%s: %d bytes are read where %d were promised", r.name, n, len(r.good))
			}
		}
	}
}

// What is added to a file while it is read, or overwritten, gives what was there or
// an error.
func TestFilesThatChange(t *testing.T) {
	for _, r := range readers(t) {
		longer := strings.NewReader(r.good + "more that was added while it was read")
		if err := r.decode(longer, int64(len(r.good))); err != nil {
			t.Errorf("%s: %v for a file that grows", r.name, err)
		}
		for seed := range 50 {
			// The error, if there is one, is of no interest: that it ends is.
			_ = r.decode(&changing{r.good, seed}, int64(len(r.good)))
		}
		path := filepath.Join(t.TempDir(), "file")
		if err := r.read(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "is not a file, want one") {
			t.Errorf("%s: got error %v of a folder", r.name, err)
		}
		if err := os.WriteFile(path, []byte(r.good[:len(r.good)/2]), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := r.read(path); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: got error %v, want one that begins with %s", r.name, err, path)
		}
	}
}

// changing gives other bytes at each reading.
type changing struct {
	data string
	n    int
}

// ReadAt implements [io.ReaderAt].
func (c *changing) ReadAt(p []byte, at int64) (int, error) {
	c.n++
	n, err := strings.NewReader(c.data).ReadAt(p, at)
	for i := c.n % 7; i < n; i += 1 + c.n*31%97 {
		p[i] ^= byte(c.n)
	}
	return n, err
}

// Entries that each unpack to no more than deflate can, and together to too much: a
// bomb, which is told of before it is unpacked.
func TestNPZBomb(t *testing.T) {
	content := npy("{'descr': '|u1', 'fortran_order': False, 'shape': (8388608,), }", strings.Repeat("\x00", 8<<20))
	raw := deflated(t, content)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 20 {
		h := header(fmt.Sprint(i, ".npy"), zip.Deflate, raw, content)
		w, err := z.CreateRaw(&h)
		if err == nil {
			_, err = w.Write([]byte(raw))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := DecodeNPZ(bytes.NewReader(b.Bytes()), int64(b.Len()))
	wantError(t, "bomb", err, "unpacks to", fmt.Sprintf("from %d, want at most 67108864 and 200 times as many", b.Len()),
		"if it is no decompression bomb, store it uncompressed")
}

// A name may look like a path that leads out of the archive: it is a name, and
// nothing is written anywhere.
func TestNPZNamesAreNoPaths(t *testing.T) {
	f := archive(t, header("../../etc/passwd.npy", zip.Store, npyGolden, npyGolden), npyGolden)
	ts, err := DecodeNPZ(strings.NewReader(f), int64(len(f)))
	if err != nil || len(ts) != 1 || ts[0].Name != "../../etc/passwd" {
		t.Errorf("got %v (%v), want an array of that name", ts, err)
	}
}
