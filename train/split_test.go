package train

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// targets returns all targets of ds.
func targets(t *testing.T, ds Dataset) []int {
	t.Helper()
	indices := make([]int, ds.Len())
	for i := range indices {
		indices[i] = i
	}
	_, ts, err := ds.Batch(indices)
	if err != nil {
		t.Fatal(err)
	}
	return ts.Data().([]int)
}

func TestSubset(t *testing.T) {
	indices := []int{4, 0, 4}
	ds, err := Subset(counting(t, 5), indices)
	if err != nil {
		t.Fatal(err)
	}
	indices[0] = 1 // the data set has its own
	wantBatch(t, ds, []int{0, 1, 2}, tensor.Shape{3, 1}, []float32{4, 0, 4}, []int{4, 0, 4})
	wantIndexErrors(t, ds)
	for _, bad := range []int{-1, 5} {
		_, err := Subset(counting(t, 5), []int{0, bad})
		wantError(t, err, "train.Subset: index 1 is", "want 0 ≤ index < 5")
	}
	named, err := Subset(Digits(10, 1), []int{3})
	if err != nil {
		t.Fatal(err)
	}
	if got := named.(Labelled).Classes(); len(got) != 10 {
		t.Errorf("classes of a subset of Digits are %q, want ten", got)
	}
	if got := ds.(Labelled).Classes(); got != nil {
		t.Errorf("classes of a subset without are %q, want none", got)
	}
}

func TestHead(t *testing.T) {
	for _, c := range []struct {
		n    int
		want []int
	}{{2, []int{0, 1}}, {3, []int{0, 1, 2}}, {9, []int{0, 1, 2}}} {
		if got := targets(t, Head(counting(t, 3), c.n)); !slices.Equal(got, c.want) {
			t.Errorf("Head(3 samples, %d) has %v, want %v", c.n, got, c.want)
		}
	}
	for _, n := range []int{0, -4} {
		if got := Head(counting(t, 3), n).Len(); got != 0 {
			t.Errorf("Head(3 samples, %d).Len() = %d, want 0", n, got)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		n        int
		fraction float64
		train    int
	}{{10, 0.8, 8}, {10, 0.25, 3}, {3, 0.5, 2}, {2, 0.5, 1}, {100, 0.99, 99}} {
		train, val, err := Split(counting(t, c.n), c.fraction, 1)
		if err != nil {
			t.Fatal(err)
		}
		if train.Len() != c.train {
			t.Errorf("Split(%d samples, %v): train has %d, want %d", c.n, c.fraction, train.Len(), c.train)
		}
		all := append(targets(t, train), targets(t, val)...)
		if slices.IsSorted(all) && c.n > 3 {
			t.Errorf("Split(%d samples, %v) is in order, want it shuffled", c.n, c.fraction)
		}
		slices.Sort(all)
		if want := targets(t, counting(t, c.n)); !slices.Equal(all, want) {
			t.Errorf("Split(%d samples, %v) has %v together, want each sample once", c.n, c.fraction, all)
		}
	}
}

func TestSplitIsAFunctionOfTheSeed(t *testing.T) {
	split := func(seed uint64) []int {
		train, _, err := Split(counting(t, 50), 0.5, seed)
		if err != nil {
			t.Fatal(err)
		}
		return targets(t, train)
	}
	if !slices.Equal(split(1), split(1)) {
		t.Error("seed 1 splits in two ways")
	}
	if slices.Equal(split(1), split(2)) {
		t.Error("seeds 1 and 2 split alike")
	}
}

func TestSplitErrors(t *testing.T) {
	for _, fraction := range []float64{0, 1, -0.1, 1.1, math.NaN(), math.Inf(1)} {
		_, _, err := Split(counting(t, 10), fraction, 1)
		wantError(t, err, "train.Split: fraction is", "want 0 < fraction < 1")
	}
	for _, fraction := range []float64{0.04, 0.96} {
		_, _, err := Split(counting(t, 10), fraction, 1)
		wantError(t, err, "train.Split: ", "leaves one part empty")
	}
}
