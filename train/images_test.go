package train

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// writeTree writes files by their paths under a folder of the test's own.
func writeTree(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// picture is a row of colours.
func picture(colours ...color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, len(colours), 1))
	for x, c := range colours {
		img.Set(x, 0, c)
	}
	return img
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

var (
	red   = color.NRGBA{255, 0, 0, 255}
	green = color.NRGBA{0, 255, 0, 255}
	faint = color.NRGBA{255, 255, 255, 51} // a fifth of white, over black
)

func TestOpenImageFolder(t *testing.T) {
	dir := writeTree(t, map[string][]byte{
		"dog/b.png":     pngOf(t, picture(green, faint)),
		"dog/a.PNG":     pngOf(t, picture(red, color.Gray{51})),
		"cat/x.png":     pngOf(t, picture(color.Gray16{0x6666}, red)),
		"cat/notes.txt": []byte("not an image"),
		"cat/.x.png":    []byte("hidden"),
		".git/config":   []byte("hidden"),
		"README":        []byte("no class"),
	})
	ds, err := OpenImageFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ds.(Labelled).Classes(), []string{"cat", "dog"}; !slices.Equal(got, want) {
		t.Errorf("classes are %q, want %q", got, want)
	}
	if ds.Len() != 3 {
		t.Fatalf("Len() = %d, want 3", ds.Len())
	}
	wantBatch(t, ds, []int{0, 1, 2}, tensor.Shape{3, 3, 1, 2}, []float32{
		0.4, 1, 0.4, 0, 0.4, 0,
		1, 0.2, 0, 0.2, 0, 0.2,
		0, 0.2, 1, 0.2, 0, 0.2,
	}, []int{0, 1, 1})
	wantIndexErrors(t, ds)

	grey, err := OpenImageFolder(dir, Grey())
	if err != nil {
		t.Fatal(err)
	}
	wantBatch(t, grey, []int{2, 1}, tensor.Shape{2, 1, 1, 2}, []float32{0.587, 0.2, 0.299, 0.2}, []int{1, 1})
}

func TestOpenImageFolderFormats(t *testing.T) {
	even := image.NewGray(image.Rect(0, 0, 16, 8))
	for i := range even.Pix {
		even.Pix[i] = 102
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, even, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	// A GIF of 16 by 8 whose first frame covers only its lower right quarter.
	frame := image.NewPaletted(image.Rect(8, 4, 16, 8), color.Palette{color.White, color.Black})
	var anim bytes.Buffer
	if err := gif.EncodeAll(&anim, &gif.GIF{
		Image: []*image.Paletted{frame}, Delay: []int{0},
		Config: image.Config{ColorModel: frame.Palette, Width: 16, Height: 8},
	}); err != nil {
		t.Fatal(err)
	}
	ds, err := OpenImageFolder(writeTree(t, map[string][]byte{"a/1.jpeg": jpg.Bytes(), "a/2.gif": anim.Bytes()}), Grey())
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := ds.Batch([]int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	data := x.Data().([]float32)
	for i, v := range data[:128] {
		if math.Abs(float64(v)-0.4) > 1.5/255 { // JPEG may round an even grey by one
			t.Fatalf("pixel %d of the JPEG is %v, want 0.4 ± 1.5/255", i, v)
		}
	}
	for i, v := range data[128:] {
		want := float32(0)
		if i%16 >= 8 && i/16 >= 4 {
			want = 1
		}
		if v != want {
			t.Fatalf("pixel %d, %d of the GIF is %v, want %v", i%16, i/16, v, want)
		}
	}
}

func TestOpenImageFolderSize(t *testing.T) {
	half := image.NewGray(image.Rect(0, 0, 40, 40)) // right half white
	for i := range half.Pix {
		if i%40 >= 20 {
			half.Pix[i] = 255
		}
	}
	dir := writeTree(t, map[string][]byte{
		"a/1.png": pngOf(t, half),
		"a/2.png": pngOf(t, picture(color.White)),
	})
	ds, err := OpenImageFolder(dir, Grey(), Size(10, 4))
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := ds.Batch([]int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	if want := (tensor.Shape{2, 1, 4, 10}); !x.Shape().Eq(want) {
		t.Fatalf("x has shape %v, want %v", x.Shape(), want)
	}
	for i, v := range x.Data().([]float32) {
		column := i % 10
		if i < 40 && column >= 3 && column <= 6 {
			continue // within two pixels of the edge, which is as far as the filter reaches
		}
		want := float32(1)
		if i < 40 && column < 5 {
			want = 0
		}
		if math.Abs(float64(v-want)) > 1.0/255 {
			t.Errorf("pixel %d is %v, want %v ± 1/255", i, v, want)
		}
	}

	plain, err := OpenImageFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = plain.Batch([]int{0, 1})
	wantError(t, err, filepath.Join("a", "2.png")+": is 1 x 1, want 40 x 40", "Size")
}

// hugePNG is a PNG of a few bytes that claims to be of 10,000 pixels by 10,000.
func hugePNG() []byte {
	head := append([]byte("IHDR"), 0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 8, 0, 0, 0, 0)
	data := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(head))
}

func TestOpenImageFolderErrors(t *testing.T) {
	good := pngOf(t, picture(red))
	for _, c := range []struct {
		name  string
		files map[string][]byte
		opts  []ImageOption
		want  string
	}{
		{"no class", map[string][]byte{"1.png": good}, nil, "has no folder"},
		{"empty class", map[string][]byte{"a/1.png": good, "b/1.txt": nil}, nil, "b has no image"},
		{"first damaged", map[string][]byte{"a/1.png": good[:20]}, nil, "1.png: decode header"},
		{"first huge", map[string][]byte{"a/1.png": hugePNG()}, nil, "1.png: claims to be 10000 x 10000"},
		{"no width", map[string][]byte{"a/1.png": good}, []ImageOption{Size(0, 5)}, "size is 0 x 5"},
		{"huge size", map[string][]byte{"a/1.png": good}, []ImageOption{Size(math.MaxInt, math.MaxInt)}, "want at least 1 x 1 and at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := OpenImageFolder(writeTree(t, c.files), c.opts...)
			wantError(t, err, c.want)
			if ds != nil {
				t.Errorf("data set is %v, want nil", ds)
			}
		})
	}
	dir := writeTree(t, map[string][]byte{
		"a/1.png": good, "a/2.png": hugePNG(), "a/3.png": good[:len(good)-20], "a/4.png": []byte("hello"), "a/5.png": good,
	})
	ds, err := OpenImageFolder(dir, Size(2, 2))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "a", "5.png")); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{1: "2.png: claims to be", 2: "3.png: decode: ", 3: "4.png: decode header: ", 4: "5.png: open: "} {
		if want != "" {
			_, _, err := ds.Batch([]int{0, i})
			wantError(t, err, want)
		}
	}
	_, err = OpenImageFolder(filepath.Join(dir, "missing"))
	wantError(t, err, "missing")
}
