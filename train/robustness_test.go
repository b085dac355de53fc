package train

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
)

// A reader here is one of files that are not trusted: docs/robustness.md has a row
// for each, and says what these tests try.
type untrusted struct {
	name string
	good []byte
	open func(path string) (Dataset, error)
	// cuts says that what is cut off may not show: between two lines.
	cuts bool
}

func readers(t testing.TB) []untrusted {
	t.Helper()
	var lines strings.Builder
	for range 40 {
		lines.WriteString("1.5,2.5,a\n")
	}
	table := []byte(lines.String())
	sequences := []byte(strings.ReplaceAll(twoSeries, "\r", ""))
	labels := writeTemp(t, "labels", idxTwoLabels)
	idx := func(path string) (Dataset, error) { return OpenIDX(path, labels) }
	csv := func(path string) (Dataset, error) { return OpenCSV(path, NoHeader()) }
	ts := func(path string) (Dataset, error) { return OpenTS(path) }
	cifar := func(path string) (Dataset, error) { return OpenCIFAR10(path) }
	return []untrusted{
		{"IDX", idxTwoImages, idx, false}, {"gzipped IDX", gzipped(t, idxTwoImages), idx, false},
		{"CIFAR", cifarImage(3, 1, 2, 3), cifar, false}, {"gzipped CIFAR", gzipped(t, cifarImage(3, 1, 2, 3)), cifar, false},
		{"CSV", table, csv, true}, {"gzipped CSV", gzipped(t, table), csv, false},
		{"ts", sequences, ts, true}, {"gzipped ts", gzipped(t, sequences), ts, false},
	}
}

func TestUntrustedFilesCutAnywhere(t *testing.T) {
	for _, r := range readers(t) {
		path := writeTemp(t, "file", r.good)
		if _, err := r.open(path); err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		for n := len(r.good) - 1; n >= 0; n-- {
			if err := os.Truncate(path, int64(n)); err != nil {
				t.Fatal(err)
			}
			if _, err := r.open(path); err == nil && !r.cuts {
				t.Errorf("%s: the first %d of %d bytes open", r.name, n, len(r.good))
			} else if err != nil && !strings.HasPrefix(err.Error(), path) {
				t.Errorf("%s: error %q does not name the file", r.name, err)
			}
		}
	}
}

// A file that is shorter by the time it is read is an error, though what is left may
// look whole; what is added to it is not read.
func TestFilesThatChangeSize(t *testing.T) {
	path := writeTemp(t, "file", []byte("1,2\n3,4\n"))
	f, whole, err := openWhole(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.WriteFile(path, []byte("1,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(whole)
	wantError(t, err, "ends after 4 bytes and had 8 when it was opened")
	if string(got) != "1,2\n" {
		t.Errorf("got %q, want what is there", got)
	}

	f, whole, err = openWhole(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.WriteFile(path, []byte("1,2\n3,4\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(whole); err != nil || string(got) != "1,2\n" {
		t.Errorf("got %q (%v), want what was there when the file was opened", got, err)
	}

	if _, err := OpenCSV(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is not a file, want one") {
		t.Errorf("a folder: got error %v", err)
	}
}

// zipBomb is a gzip of that many times b, far smaller.
func zipBomb(t testing.TB, head []byte, b []byte, times int) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = z.Write(head)
	for range times {
		if err == nil {
			_, err = z.Write(b)
		}
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// liveMemory calls f and returns by how much the heap grew at most meanwhile, as
// seen at each call of the garbage collector, of which there are many.
func liveMemory(f func()) uint64 {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return max(after.HeapSys, before.HeapSys) - before.HeapInuse
}

func TestDecompressionBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks 80 megabytes a format")
	}
	const mega = 1 << 20
	sizes := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3}, 1<<10)
	sizes = binary.BigEndian.AppendUint32(sizes, 1<<10)
	sizes = binary.BigEndian.AppendUint32(sizes, 1<<10) // a gigabyte of pixels
	block := bytes.Repeat([]byte{0}, mega)
	for _, r := range readers(t) {
		if !strings.HasPrefix(r.name, "gzipped") {
			continue
		}
		var head, body []byte
		switch r.name {
		case "gzipped IDX":
			head, body = sizes, block
		case "gzipped CIFAR":
			body = block
		case "gzipped CSV":
			row := "1," + strings.Repeat(" ", 1<<15) + "2,a\n"
			body = bytes.Repeat([]byte(row), mega/len(row))
		case "gzipped ts":
			head, body = []byte("@classLabel true a\n@data\n"), bytes.Repeat([]byte("1,"), mega/2)
		}
		bomb := zipBomb(t, head, body, 100)
		path := writeTemp(t, "bomb", bomb)
		var err error
		got := liveMemory(func() { _, err = r.open(path) })
		wantError(t, err, path, "unpacks to", "if it is no decompression bomb, store it uncompressed")
		if most := uint64(1 << 30); got > most {
			t.Errorf("%s: takes up to %d MiB for %d bytes, want at most %d", r.name, got>>20, len(bomb), most>>20)
		}
	}
}

// headers promise far more than there is.
func TestHeadersThatPromiseMuch(t *testing.T) {
	labels := writeTemp(t, "labels", idxTwoLabels)
	promise := []byte{0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	_, err := OpenIDX(writeTemp(t, "images", promise), labels)
	wantError(t, err, "header promises over")

	promise = []byte{0, 0, 8, 3, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0, 1, 0, 1, 2, 3}
	got := allocated(func() { _, err = OpenIDX(writeTemp(t, "images", promise), labels) })
	wantError(t, err, "ends after 3 bytes of data, its header promises 4294901760")
	if got > 256<<10 {
		t.Errorf("a header that promises 4 GB: allocated %d bytes, want little", got)
	}
	for format, encode := range encoders() {
		var file bytes.Buffer
		if err := encode(&file, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
			t.Fatal(err)
		}
		large := claiming(t, format, file.Bytes())
		got := allocated(func() { _, err = decodeImage(bytes.NewReader(large), int64(len(large))) })
		wantError(t, err, "claims to be 7999 x 7999 in a file of", "more than can be in it")
		if got > 256<<10 {
			t.Errorf("%s that claims 64 megapixels: allocated %d bytes, want little", format, got)
		}
	}
}

// allocated returns the bytes that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func encoders() map[string]func(io.Writer, image.Image) error {
	return map[string]func(io.Writer, image.Image) error{
		"png":  png.Encode,
		"jpeg": func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) },
		"gif":  func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) },
	}
}

// claiming returns an image of 1 by 1 whose header says 7999 by 7999.
func claiming(t *testing.T, format string, file []byte) []byte {
	t.Helper()
	file = bytes.Clone(file)
	const side = 7999
	switch format {
	case "png":
		binary.BigEndian.PutUint32(file[16:], side)
		binary.BigEndian.PutUint32(file[20:], side)
		binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	case "gif":
		binary.LittleEndian.PutUint16(file[6:], side)
		binary.LittleEndian.PutUint16(file[8:], side)
	case "jpeg":
		at := bytes.Index(file, []byte{0xff, 0xc0})
		if at < 0 {
			t.Fatal("no start of frame")
		}
		binary.BigEndian.PutUint16(file[at+5:], side)
		binary.BigEndian.PutUint16(file[at+7:], side)
	}
	return file
}

func TestImagesCutAnywhere(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 9, 7))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	for format, encode := range encoders() {
		var file bytes.Buffer
		if err := encode(&file, img); err != nil {
			t.Fatal(err)
		}
		whole := file.Bytes()
		for n := range whole {
			// The marks of the end may be missing: all pixels are there.
			if _, err := decodeImage(bytes.NewReader(whole[:n]), int64(n)); err == nil && n < len(whole)-16 {
				t.Errorf("%s: the first %d of %d bytes are an image", format, n, len(whole))
			}
		}
	}
}

// Any bytes are an image of an acceptable size, or an error.
func FuzzImage(f *testing.F) {
	for _, encode := range encoders() {
		var file bytes.Buffer
		if err := encode(&file, picture(red, green, color.White)); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if w, h, err := sizeOf(bytes.NewReader(data), int64(len(data))); err == nil && w*h > 1<<14 {
			t.Skip() // large pictures are slow
		}
		img, err := decodeImage(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		b := img.Bounds()
		row := make([]float32, 3*4*4)
		fillRGB(row, toRGBA(img, 4, 4))
		for _, v := range row {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("pixel of a %v image is %v, want 0 to 1", b, v)
			}
		}
	})
}

var errTest = errors.New("test")

func TestWholeFilePassesErrorsOn(t *testing.T) {
	w := wholeFile{io.MultiReader(strings.NewReader("a"), failing{}), 3, 3}
	if got, err := io.ReadAll(&w); err != errTest || string(got) != "a" {
		t.Errorf("got %q (%v), want a and the error", got, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errTest }
