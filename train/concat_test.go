package train

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

func concatOf(t *testing.T, parts ...Dataset) Dataset {
	t.Helper()
	ds, err := Concat(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func TestConcat(t *testing.T) {
	ds := concatOf(t, labelled(t, 10, 11), labelled(t, 20), concatOf(t, labelled(t, 30, 31, 32)))
	if ds.Len() != 6 {
		t.Fatalf("got %d samples, want 6", ds.Len())
	}
	wantBatch(t, ds, []int{5, 0, 2, 1, 0, 3}, tensor.Shape{6, 1}, []float32{2, 0, 0, 1, 0, 0}, []int{32, 10, 20, 11, 10, 30})
	wantBatch(t, ds, []int{1, 0}, tensor.Shape{2, 1}, []float32{1, 0}, []int{11, 10})
	wantIndexErrors(t, ds)
	got, err := ds.(Targeted).Targets([]int{4, 2, 1})
	if err != nil || !slices.Equal(got.Data().([]int), []int{31, 20, 11}) {
		t.Errorf("Targets gives %v and error %v, want [31 20 11]", got, err)
	}
	if _, err := ds.(Targeted).Targets(nil); err == nil {
		t.Error("Targets of no sample are no error")
	}
}

func TestConcatClasses(t *testing.T) {
	named := Digits(10, 1)
	for _, parts := range [][]Dataset{{named, unnamed{named}}, {unnamed{named}, named, Head(named, 3)}} {
		if got := concatOf(t, parts...).(Labelled).Classes(); len(got) != 10 {
			t.Errorf("the classes are %q, want those of Digits", got)
		}
	}
	if got := concatOf(t, labelled(t, 1)).(Labelled).Classes(); got != nil {
		t.Errorf("the classes are %q, want none", got)
	}
	_, err := Concat(named, renamed{named})
	wantError(t, err, `train.Concat: data set 1: its classes are ["a"], want ["0" "1"`)
}

// unnamed hides the names of the classes, renamed gives others.
type (
	unnamed struct{ Dataset }
	renamed struct{ Dataset }
)

func (renamed) Classes() []string { return []string{"a"} }

func TestConcatErrors(t *testing.T) {
	ds := labelled(t, 0, 1)
	wide, err := Tensors(tensorOf(make([]float32, 4), 2, 2), tensorOf([]int{0, 1}, 2))
	if err != nil {
		t.Fatal(err)
	}
	values, err := Tensors(tensorOf(make([]float32, 2), 2, 1), tensorOf([]float32{0, 1}, 2))
	if err != nil {
		t.Fatal(err)
	}
	for want, parts := range map[string][]Dataset{
		"train.Concat: there is no data set":                                                                 {},
		"train.Concat: data set 1: data set is nil":                                                          {ds, nil},
		"train.Concat: data set 1: it is empty":                                                              {ds, Head(ds, 0)},
		"train.Concat: data set 0: the data set panicked":                                                    {boo{ds}},
		"train.Concat: data set 1: train.Head: data set is":                                                  {ds, Head(nil, 1)},
		"data set 1: its samples are of type float32 and shape (2), want float32 and (1) as of those before": {ds, wide},
		"data set 2: its targets are of type float32 and shape (), want int and () as of those before":       {ds, ds, values},
		"data set 0: the data set gave (1, 1) and () for 1 indices, want a row for each":                     {noTargets{ds}},
	} {
		_, err := Concat(parts...)
		wantError(t, err, want)
	}
	// What a part does only later is an error of Batch.
	later := concatOf(t, ds, &wayward{Dataset: ds, batch: wide.Batch, calls: 1})
	if _, _, err := later.Batch([]int{0, 2}); err == nil {
		t.Error("rows of two shapes are no error")
	} else {
		wantError(t, err, "data set 1 of train.Concat: its samples are of type float32 and shape (2), want float32 and (1)")
	}
	_, _, err = concatOf(t, ds, &faulty{Dataset: ds, fail: 1}).Batch([]int{0, 3})
	wantError(t, err, "data set 1 of train.Concat: disk on fire")
}

type noTargets struct{ Dataset }

func (n noTargets) Batch(indices []int) (x, t *tensor.Dense, err error) {
	x, _, err = n.Dataset.Batch(indices)
	return x, nil, err
}
