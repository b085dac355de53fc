package train

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// bytesOf is a data set of two images of bytes.
func bytesOf(t *testing.T) Dataset {
	t.Helper()
	ds, err := labelledTensors(tensorOf([]uint8{0, 255, 51, 102, 204, 0, 255, 153}, 2, 2, 2), tensorOf([]int{1, 0}, 2), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func TestMap(t *testing.T) {
	ds := bytesOf(t)
	scaled := Map(ds, Normalize([]float64{0}, []float64{255}))
	wantBatch(t, scaled, []int{1, 0, 1}, tensor.Shape{3, 2, 2},
		[]float32{0.8, 0, 1, 0.6, 0, 1, 0.2, 0.4, 0.8, 0, 1, 0.6}, []int{0, 1, 0})
	wantBatch(t, Map(ds), []int{0}, tensor.Shape{1, 2, 2}, []float32{0, 255, 51, 102}, []int{1})
	wantIndexErrors(t, scaled)
	if got := classesOf(scaled); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("classes are %q, want a and b", got)
	}
	// The data set below is left as it is, also where it is of float32.
	single := Map(Map(ds), Normalize([]float64{51}, []float64{51}))
	for range 2 {
		wantBatch(t, single, []int{0}, tensor.Shape{1, 2, 2}, []float32{-1, 4, 0, 1}, []int{1})
	}
}

// Without a transform any shape will do.
func TestMapConvertsAnyShape(t *testing.T) {
	for _, data := range []any{[]float64{1, 2}, []int{1, 2}, []uint8{1, 2}} {
		for _, shape := range []tensor.Shape{{2}, {2, 1, 1, 1, 1}} {
			ds, err := Tensors(tensorOf(data, shape...), tensorOf([]int{0, 1}, 2))
			if err != nil {
				t.Fatal(err)
			}
			wantBatch(t, Map(ds), []int{0, 1}, shape, []float32{1, 2}, []int{0, 1})
		}
	}
}

// A draw depends on the sample alone, not on its batch.
func TestMapDrawsByIndex(t *testing.T) {
	ds := Map(Map(counting(t, 20)), func(r *rand.Rand, s *Sample) error { s.Data[0] = r.Float32(); return nil })
	all := batchX(t, ds).Float32s()
	for i := range 20 {
		wantBatch(t, ds, []int{i, i}, tensor.Shape{2, 1}, []float32{all[i], all[i]}, []int{i, i})
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 20 {
		t.Errorf("drew %v, want 20 different numbers", all)
	}
}

func TestMapErrors(t *testing.T) {
	words, err := Tensors(tensorOf([]string{"a"}, 1, 1), tensorOf([]int{0}, 1))
	if err != nil {
		t.Fatal(err)
	}
	for want, ds := range map[string]Dataset{
		"train.Map: data set is nil":                          Map(nil),
		"train.Map: x is []string":                            Map(words),
		"train.Map: sample 0: transform 0 is nil":             Map(bytesOf(t), nil),
		"train.Map: sample 0: transform 0: Cutout: size is 0": Map(bytesOf(t), Cutout(0)),
		"train.Map: a transform panicked: oh":                 Map(bytesOf(t), func(*rand.Rand, *Sample) error { panic("oh") }),
		"the data set gave (1, 1) and (1) for 2 indices":      Map(wrongRows{counting(t, 4)}),
	} {
		_, _, err := ds.Batch([]int{0, 0})
		wantError(t, err, want)
	}
}

// Validation sees what training sees.
func TestMapServesValidation(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 2)
	}, graph.Shape{2, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	ds := Map(bytesOf(t), Normalize([]float64{0}, []float64{255}))
	h, err := Fit(context.Background(), m, ds, nodes.CrossEntropy(), SGD(0), Validation(ds), ReportTo(nil))
	if err != nil {
		t.Fatal(err)
	}
	// One batch and a rate of 0: both losses are of the same weights and data,
	// but for the order of the two samples in a sum of float32.
	if e := h.Last(); e.Loss-e.Validation.Loss > 1e-6 || e.Validation.Loss-e.Loss > 1e-6 {
		t.Errorf("the losses of training and validation are %v and %v, want the same ± 1e-6", e.Loss, e.Validation.Loss)
	}
}
