package train

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// labelled is a data set of these classes, whose x is the index.
func labelled(t *testing.T, labels ...int) Dataset {
	t.Helper()
	x := make([]float32, len(labels))
	for i := range x {
		x[i] = float32(i)
	}
	ds, err := Tensors(tensorOf(x, len(x), 1), tensorOf(labels, len(labels)))
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// numbersOf returns the x of a part of labelled.
func numbersOf(t *testing.T, ds Dataset) []int {
	t.Helper()
	var out []int
	for _, v := range batchX(t, ds).Data().([]float32) {
		out = append(out, int(v))
	}
	return out
}

func folds(t *testing.T, ds Dataset, k int, seed uint64, opts ...SplitOption) []Fold {
	t.Helper()
	fs, err := KFold(ds, k, seed, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// Each sample is validated on once, and trained on in all other folds.
func TestKFoldIsAPartition(t *testing.T) {
	ds := labelled(t, 0, 1, 1, 2, 0, 1, 1, 1, 2, 0, 5)
	for _, opts := range [][]SplitOption{nil, {Stratified()}, {nil}} {
		for k := 2; k <= ds.Len(); k++ {
			var all []int
			for _, f := range folds(t, ds, k, 7, opts...) {
				in, out := numbersOf(t, f.Training), numbersOf(t, f.Validation)
				if !slices.IsSorted(in) || !slices.IsSorted(out) {
					t.Errorf("k %d: parts %v and %v are not in order", k, in, out)
				}
				both := append(in, out...)
				slices.Sort(both)
				if !slices.Equal(both, firstIndices(11)) {
					t.Errorf("k %d: a fold has %v in all, want each sample once", k, both)
				}
				all = append(all, out...)
			}
			slices.Sort(all)
			if !slices.Equal(all, firstIndices(11)) {
				t.Errorf("k %d: the folds validate on %v, want each sample once", k, all)
			}
		}
	}
}

func TestKFoldIsAFunctionOfTheSeed(t *testing.T) {
	ds := labelled(t, make([]int, 30)...)
	first := func(seed uint64) []int { return numbersOf(t, folds(t, ds, 3, seed)[0].Validation) }
	if !slices.Equal(first(1), first(1)) || slices.Equal(first(1), first(2)) {
		t.Errorf("fold 1 of seed 1 is %v and %v, of seed 2 %v", first(1), first(1), first(2))
	}
	// An equal chance for each sample to be in each fold: 3000 cuts, 1000 ± 26 each.
	counts := make([]int, 30)
	for seed := range uint64(3000) {
		for _, i := range first(seed) {
			counts[i]++
		}
	}
	for i, n := range counts {
		if n < 870 || n > 1130 { // five standard deviations
			t.Errorf("sample %d is in fold 1 of %d cuts of 3000, want about 1000", i, n)
		}
	}
}

func TestSplitStratified(t *testing.T) {
	labels := make([]int, 100)
	for i := range labels {
		if i%10 == 0 {
			labels[i] = 1
		}
	}
	ds := labelled(t, labels...)
	for seed := range uint64(20) {
		training, val, err := Split(ds, 0.8, seed, Stratified())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := count(targets(t, training), 1), count(targets(t, val), 1); training.Len() != 80 || a != 8 || b != 2 {
			t.Errorf("seed %d: %d of %d and %d of %d are rare, want 8 of 80 and 2 of 20", seed, a, training.Len(), b, val.Len())
		}
		if in := numbersOf(t, training); slices.IsSorted(in) {
			t.Error("the part to train on is not shuffled")
		}
	}
}

func count(of []int, v int) (n int) {
	for _, x := range of {
		if x == v {
			n++
		}
	}
	return n
}

func TestPartsErrors(t *testing.T) {
	ds := labelled(t, 0, 1, 0)
	values, err := Tensors(tensorOf(make([]float32, 3), 3, 1), tensorOf([]float32{1, 2, 3}, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		f    func() error
	}{
		{"train.KFold: k is 1, want at least 2 and at most the 3 samples", func() error { _, err := KFold(ds, 1, 1); return err }},
		{"train.KFold: k is 4, want at least 2 and at most the 3 samples", func() error { _, err := KFold(ds, 4, 1); return err }},
		{"train.KFold: data set is nil", func() error { _, err := KFold(nil, 2, 1); return err }},
		{"train.KFold: k is 2, want at least 2 and at most the 0 samples", func() error { _, err := KFold(Head(ds, 0), 2, 1); return err }},
		{"train.KFold: data set is empty", func() error { _, err := KFold(Head(ds, 0), 2, 1, Stratified()); return err }},
		{"train.KFold: the targets of 3 samples are float32 of shape (3), want a class index of type int for each",
			func() error { _, err := KFold(values, 2, 1, Stratified()); return err }},
		{"train.Split: sample 1: the class is -1, want at least 0", func() error { _, _, err := Split(labelled(t, 0, -1), 0.5, 1, Stratified()); return err }},
		{"train.Split: disk on fire", func() error {
			_, _, err := Split(&faulty{Dataset: ds, fail: 2}, 0.5, 1, Stratified())
			return err
		}},
		{"train.ClassWeights: classes is 0, want at least 1", func() error { _, err := ClassWeights(ds, 0); return err }},
		{"train.ClassWeights: sample 1: the class is 1, want 0 ≤ class < 1", func() error { _, err := ClassWeights(ds, 1); return err }},
		{"train.ClassWeights: class 2 of 3 has no sample among 3, want at least one", func() error { _, err := ClassWeights(ds, 3); return err }},
		{"train.ClassWeights: data set is empty", func() error { _, err := ClassWeights(Head(ds, 0), 3); return err }},
		{"train.ClassWeights: data set is nil", func() error { _, err := ClassWeights(nil, 3); return err }},
		{"train.ClassWeights: the targets of 3 samples are float32", func() error { _, err := ClassWeights(values, 3); return err }},
		{"train.ClassWeights: the data set panicked: boo", func() error { _, err := ClassWeights(boo{ds}, 3); return err }},
		{"train.ClassWeights: the targets of 3 samples are nothing of shape ()", func() error { _, err := ClassWeights(mute{ds}, 3); return err }},
	} {
		wantError(t, c.f(), c.want)
	}
}

// boo panics, and mute gives nothing.
type (
	boo  struct{ Dataset }
	mute struct{ Dataset }
)

func (boo) Batch([]int) (x, t *tensor.Dense, err error) { panic("boo") }
func (mute) Targets([]int) (t *tensor.Dense, err error) { return nil, nil }

// Targets are those of Batch, through all that wraps a data set.
func TestTargeted(t *testing.T) {
	ds := labelled(t, 4, 0, 3, 1)
	part, err := Subset(ds, []int{3, 2, 0})
	if err != nil {
		t.Fatal(err)
	}
	dot := pngOf(t, picture(red))
	folder, err := OpenImageFolder(writeTree(t, map[string][]byte{"a/1.png": dot, "b/2.png": dot, "b/3.png": dot}))
	if err != nil {
		t.Fatal(err)
	}
	for _, ds := range []Dataset{ds, part, Map(part), folder} {
		t.Run(fmt.Sprintf("%T", ds), func(t *testing.T) {
			_, want, err := ds.Batch([]int{2, 0, 2})
			if err != nil {
				t.Fatal(err)
			}
			got, err := ds.(Targeted).Targets([]int{2, 0, 2})
			if err != nil || !slices.Equal(got.Data().([]int), want.Data().([]int)) {
				t.Errorf("Targets gives %v and error %v, want %v", got, err, want)
			}
			if _, err := ds.(Targeted).Targets([]int{ds.Len()}); err == nil {
				t.Error("an index outside is no error")
			}
		})
	}
}
