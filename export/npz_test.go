package export

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"
)

func TestNPZRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	sent := append(everyType(t), Tensor{"../../etc/passwd", dense([]int8{1}, 1)}, Tensor{"/a//b\\..", dense([]int8{2}, 1)})
	if err := WriteNPZ(path, sent); err != nil {
		t.Fatal(err)
	}
	got, err := ReadNPZ(path)
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, got, sent)
	for i := range got {
		if got[i].Name != sent[i].Name {
			t.Errorf("tensor %d is %q, want %q: the order of the archive", i, got[i].Name, sent[i].Name)
		}
	}
}

func TestNPZSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := EncodeNPZ(w, everyType(t)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two archives of equal tensors differ")
	}
}

// archive zips one entry. The sizes that it states may be lies.
func archive(t *testing.T, h zip.FileHeader, raw string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&h)
	if err == nil {
		_, err = w.Write([]byte(raw))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func deflated(t *testing.T, content string) (raw string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("x")
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	at, err := r.File[0].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	return b.String()[at : at+int64(r.File[0].CompressedSize64)]
}

// header states an entry as it is.
func header(name string, method uint16, raw, content string) zip.FileHeader {
	return zip.FileHeader{Name: name, Method: method, CRC32: crc32.ChecksumIEEE([]byte(content)),
		CompressedSize64: uint64(len(raw)), UncompressedSize64: uint64(len(content))}
}

// TestNPZDeflated reads zeros, which deflate packs nearly as well as it can.
func TestNPZDeflated(t *testing.T) {
	var b bytes.Buffer
	zeros := dense(make([]float64, 1<<17), 1<<17)
	if err := EncodeNPY(&b, zeros); err != nil {
		t.Fatal(err)
	}
	raw := deflated(t, b.String())
	f := archive(t, header("zeros.npy", zip.Deflate, raw, b.String()), raw)
	got, err := DecodeNPZ(strings.NewReader(f), int64(len(f)))
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, got, []Tensor{{"zeros", zeros}})
}

func TestNPZDamaged(t *testing.T) {
	raw := deflated(t, npyGolden)
	stored := header("a.npy", zip.Store, npyGolden, npyGolden)
	packed := header("a.npy", zip.Deflate, raw, npyGolden)
	change := func(h zip.FileHeader, change func(*zip.FileHeader)) zip.FileHeader { change(&h); return h }

	good := archive(t, stored, npyGolden)
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", []string{"no zip archive"}},
		{"an NPY", npyGolden, []string{"no zip archive"}},
		{"cut", good[:len(good)-1], []string{"was cut off"}},
		{"not .npy", archive(t, change(stored, func(h *zip.FileHeader) { h.Name = "a.txt" }), npyGolden), []string{`"a.txt"`, ".npy"}},
		{"name with a NUL", archive(t, change(stored, func(h *zip.FileHeader) { h.Name = "a\x00.npy" }), npyGolden), []string{"NUL"}},
		{"bzip2", archive(t, change(stored, func(h *zip.FileHeader) { h.Method = 12 }), npyGolden), []string{`"a"`, "method 12"}},
		{"wrong checksum", archive(t, change(stored, func(h *zip.FileHeader) { h.CRC32++ }), npyGolden), []string{`"a"`, "checksum"}},
		{"wrong checksum, deflated", archive(t, change(packed, func(h *zip.FileHeader) { h.CRC32++ }), raw), []string{`"a"`, "checksum"}},
		{"stored size is not the size", archive(t, change(stored, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }), npyGolden), []string{`"a"`, "136 bytes", "1099511627776"}},
		{"stored larger than the archive", archive(t, change(stored, func(h *zip.FileHeader) { h.UncompressedSize64, h.CompressedSize64 = 1<<40, 1<<40 }), npyGolden), []string{`"a"`, "1099511627776 bytes"}},
		{"promises more than deflate can", archive(t, change(packed, func(h *zip.FileHeader) { h.UncompressedSize64 = h.CompressedSize64*1032 + 1025 }), raw), []string{`"a"`, "promises", "1032"}},
		{"promises 2^63", archive(t, change(packed, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 63 }), raw), []string{`"a"`, "promises"}},
		{"deflated is longer than promised", archive(t, change(packed, func(h *zip.FileHeader) { h.UncompressedSize64-- }), raw), []string{`"a"`, "7 bytes", "f4 of shape [1 2]"}},
		{"deflated is shorter than promised", archive(t, change(packed, func(h *zip.FileHeader) { h.UncompressedSize64++ }), raw), []string{`"a"`, "9 bytes"}},
		{"deflated is junk", archive(t, packed, strings.Repeat("\xff", len(raw))), []string{`"a"`, "flate"}},
		{"array longer than the entry", archive(t, header("a.npy", zip.Store, npyGolden[:135], npyGolden[:135]), npyGolden[:135]), []string{`"a"`, "7 bytes"}},
	} {
		_, err := DecodeNPZ(strings.NewReader(c.file), int64(len(c.file)))
		wantError(t, c.name, err, c.want...)
	}
}

// listedTwice returns an archive whose directory lists its entry twice, the
// second time under another name: two tensors from the same bytes. A thousand
// would make a bomb of it.
func listedTwice(t *testing.T, second string) string {
	t.Helper()
	var b bytes.Buffer
	if err := EncodeNPZ(&b, []Tensor{{"a", dense(make([]float64, 1000), 1000)}}); err != nil {
		t.Fatal(err)
	}
	f := b.String()
	from, to := strings.Index(f, "PK\x01\x02"), strings.LastIndex(f, "PK\x05\x06")
	entry, end := f[from:to], []byte(f[to:])
	binary.LittleEndian.PutUint16(end[8:], 2)
	binary.LittleEndian.PutUint16(end[10:], 2)
	binary.LittleEndian.PutUint32(end[12:], uint32(2*len(entry)))
	return f[:to] + strings.Replace(entry, "a.npy", second+".npy", 1) + string(end)
}

func TestNPZSharedBytes(t *testing.T) {
	for second, want := range map[string]string{"a": "twice", "b": "leave"} {
		f := listedTwice(t, second)
		_, err := DecodeNPZ(strings.NewReader(f), int64(len(f)))
		wantError(t, "entry listed as a and "+second, err, `"`+second+`"`, want)
	}
}
