package train

import (
	"bytes"
	"slices"
	"testing"
)

// cifarImage is a record: a label, then planes of one value each.
func cifarImage(label, red, green, blue byte) []byte {
	plane := func(v byte) []byte { return bytes.Repeat([]byte{v}, 32*32) }
	return slices.Concat([]byte{label}, plane(red), plane(green), plane(blue))
}

func TestOpenCIFAR10(t *testing.T) {
	first := cifarImage(6, 51, 102, 153)
	first[1+2*1024+33] = 255 // row 1, column 1 of the blue plane
	a := writeTemp(t, "a.bin", slices.Concat(first, cifarImage(9, 0, 0, 0)))
	b := writeTemp(t, "b.bin", gzipped(t, cifarImage(4, 255, 204, 0)))
	ds, err := OpenCIFAR10(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if ds.Len() != 3 {
		t.Fatalf("Len() = %d, want 3", ds.Len())
	}
	x, targets, err := ds.Batch([]int{2, 0})
	if err != nil {
		t.Fatal(err)
	}
	if got := targets.Data().([]int); !slices.Equal(got, []int{4, 6}) {
		t.Errorf("t is %v, want [4 6]", got)
	}
	for _, c := range []struct {
		at   [4]int
		want float32
	}{
		{[4]int{0, 0, 5, 5}, 1}, {[4]int{0, 1, 31, 31}, 0.8}, {[4]int{0, 2, 0, 0}, 0},
		{[4]int{1, 0, 0, 0}, 0.2}, {[4]int{1, 1, 1, 1}, 0.4}, {[4]int{1, 2, 1, 1}, 1}, {[4]int{1, 2, 1, 2}, 0.6},
	} {
		if got, err := x.At(c.at[:]...); err != nil || got != c.want {
			t.Errorf("x%v is %v (%v), want %v", c.at, got, err, c.want)
		}
	}
	if got := ds.(Labelled).Classes()[6]; got != "frog" {
		t.Errorf("class 6 is %q, want frog", got)
	}
	wantIndexErrors(t, ds)
}

func TestOpenCIFAR10Damaged(t *testing.T) {
	good := cifarImage(1, 2, 3, 4)
	zipped := gzipped(t, good)
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"empty", nil, []string{"is empty, want records of 3073 bytes"}},
		{"cut", good[:3072], []string{"record 0 has 3072 of 3073 bytes"}},
		{"garbage", append(slices.Clone(good), 5), []string{"record 1 has 1 of 3073 bytes"}},
		{"label", slices.Concat(good, cifarImage(10, 0, 0, 0)), []string{"record 1 has label 10, want 0 to 9"}},
		{"gzip cut", zipped[:len(zipped)-9], []string{"unexpected EOF"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeTemp(t, "batch.bin", c.data)
			_, err := OpenCIFAR10(path)
			wantError(t, err, append(c.want, path)...)
		})
	}
	_, err := OpenCIFAR10()
	wantError(t, err, "no file given")
}

// What opens is a data set that works, whatever the bytes.
func FuzzCIFAR(f *testing.F) {
	f.Add(cifarImage(3, 1, 2, 3))
	f.Add(gzipped(f, cifarImage(3, 1, 2, 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			t.Skip() // gzip makes at most a thousand times as much of it
		}
		ds, err := OpenCIFAR10(writeTemp(t, "batch.bin", data))
		if err != nil {
			return
		}
		checkPixels(t, ds, ds.Len()-1)
	})
}
