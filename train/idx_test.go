package train

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// Two images of 1 row by 3 and their labels, as the format's page lays them out.
var (
	idxTwoImages = []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 51, 255, 102, 153, 204}
	idxTwoLabels = []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 2}
)

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestOpenIDX(t *testing.T) {
	for _, c := range []struct {
		name           string
		images, labels []byte
	}{
		{"plain", idxTwoImages, idxTwoLabels},
		{"gzip", gzipped(t, idxTwoImages), gzipped(t, idxTwoLabels)},
		{"mixed", gzipped(t, idxTwoImages), idxTwoLabels},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The names tell nothing of gzip.
			ds, err := OpenIDX(writeTemp(t, "images", c.images), writeTemp(t, "labels", c.labels))
			if err != nil {
				t.Fatal(err)
			}
			if ds.Len() != 2 {
				t.Errorf("Len() = %d, want 2", ds.Len())
			}
			wantBatch(t, ds, []int{1, 0}, tensor.Shape{2, 1, 1, 3}, []float32{0.4, 0.6, 0.8, 0, 0.2, 1}, []int{2, 7})
			wantIndexErrors(t, ds)
		})
	}
}

func TestOpenIDXDamaged(t *testing.T) {
	with := func(data []byte, at int, b ...byte) []byte {
		data = slices.Clone(data)
		copy(data[at:], b)
		return data
	}
	zipped := gzipped(t, idxTwoImages)
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           []string
	}{
		{"empty", nil, idxTwoLabels, []string{"images: magic number", "EOF"}},
		{"header cut", idxTwoImages[:15], idxTwoLabels, []string{"images: sizes of 3 axes", "unexpected EOF"}},
		{"swapped", idxTwoLabels, idxTwoImages, []string{"images: ", "0x00000801 (labels of bytes), want 0x00000803"}},
		{"floats", with(idxTwoImages, 2, 0x0d), idxTwoLabels, []string{"images: ", "0x00000d03 (neither"}},
		{"pixels cut", idxTwoImages[:21], idxTwoLabels, []string{"images: ends after 5 bytes of data, its header promises 6"}},
		{"no pixels", idxTwoImages[:16], idxTwoLabels, []string{"images: ends after 0 bytes"}},
		{"garbage", append(slices.Clone(idxTwoImages), 1), idxTwoLabels, []string{"images: goes on after the 6 bytes"}},
		{"no images", with(idxTwoImages, 7, 0), idxTwoLabels, []string{"images: size of axis 0 is 0"}},
		{"no width", with(idxTwoImages, 15, 0), idxTwoLabels, []string{"images: size of axis 2 is 0"}},
		{"huge", with(idxTwoImages, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255), idxTwoLabels, []string{"images: header promises over"}},
		{"labels cut", idxTwoImages, idxTwoLabels[:9], []string{"labels: ends after 1 bytes"}},
		{"fewer labels", idxTwoImages, with(idxTwoLabels[:9], 7, 1), []string{"2 images", "1 labels"}},
		{"gzip cut", zipped[:len(zipped)-9], idxTwoLabels, []string{"images: after", "unexpected EOF"}},
		{"gzip sum", with(zipped, len(zipped)-8, ^zipped[len(zipped)-8]), idxTwoLabels, []string{"images: after 6 of 6 bytes", "checksum"}},
		{"gzip header", zipped[:5], idxTwoLabels, []string{"images: gzip header"}},
		{"after gzip", append(slices.Clone(zipped), 1, 2, 3), idxTwoLabels, []string{"images: after 6 of 6 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := OpenIDX(writeTemp(t, "images", c.images), writeTemp(t, "labels", c.labels))
			wantError(t, err, c.want...)
			if ds != nil {
				t.Errorf("data set is %v, want nil", ds)
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := OpenIDX(missing, missing)
	wantError(t, err, missing+": open: ")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want one that is fs.ErrNotExist", err)
	}
}

// A header that promises gigabytes costs no more memory than the file has.
func TestOpenIDXTakesNoMemoryOnPromise(t *testing.T) {
	header := []byte{0, 0, 8, 3, 0, 0, 255, 255, 0, 0, 1, 0, 0, 0, 1, 0} // 4 GB
	images, labels := writeTemp(t, "images", header), writeTemp(t, "labels", idxTwoLabels)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := OpenIDX(images, labels)
	runtime.ReadMemStats(&after)
	wantError(t, err, "ends after 0 bytes of data, its header promises 4294901760")
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<20); got > limit {
		t.Errorf("took %d bytes, want at most %d", got, limit)
	}
}

func TestOpenMNIST(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"train-images-idx3-ubyte.gz": gzipped(t, idxTwoImages),
		"train-labels.idx1-ubyte":    idxTwoLabels,
		"t10k-images-idx3-ubyte":     idxTwoImages,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ds, err := OpenMNIST(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	wantBatch(t, ds, []int{0}, tensor.Shape{1, 1, 1, 3}, []float32{0, 0.2, 1}, []int{7})
	if got := ds.(Labelled).Classes(); len(got) != 10 || got[7] != "7" {
		t.Errorf("Classes() = %q, want the ten digits", got)
	}

	_, err = OpenMNIST(dir, false)
	wantError(t, err, "no t10k-labels in "+dir, "t10k-labels-idx1-ubyte,", "t10k-labels-idx1-ubyte.gz,", "t10k-labels.idx1-ubyte")

	if err := os.WriteFile(filepath.Join(dir, "t10k-labels-idx1-ubyte"), []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 10}, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = OpenMNIST(dir, false)
	wantError(t, err, "t10k-labels-idx1-ubyte: label 1 is 10, want 0 to 9")
}

// What opens is a data set that works, whatever the bytes.
func FuzzIDX(f *testing.F) {
	f.Add(idxTwoImages, idxTwoLabels)
	f.Add(gzipped(f, idxTwoImages), gzipped(f, idxTwoLabels))
	f.Add(idxTwoImages[:20], idxTwoLabels)
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		if len(images)+len(labels) > 1<<12 {
			t.Skip() // gzip makes at most a thousand times as much of it
		}
		ds, err := OpenIDX(writeTemp(t, "images", images), writeTemp(t, "labels", labels))
		if err != nil {
			return
		}
		checkPixels(t, ds, ds.Len()-1)
	})
}

// checkPixels wants sample i to be an image with a label.
func checkPixels(t *testing.T, ds Dataset, i int) {
	x, label, err := ds.Batch([]int{i})
	if err != nil {
		t.Fatalf("Batch of an open data set: %v", err)
	}
	for _, v := range x.Data().([]float32) {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("pixel is %v, want 0 to 1", v)
		}
	}
	if l := label.Data().([]int)[0]; l < 0 || l > 255 {
		t.Fatalf("label is %d, want a byte", l)
	}
}
