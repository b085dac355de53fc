package train_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// A goldenSampling is a case of sampling.json.
type goldenSampling struct {
	Name, Function string
	Labels         []int
	Weights        []float64
	K, N           int
	Stratified     bool
	Counts         [][]int
	Sizes          []int
}

// data is a data set of these classes.
func (c goldenSampling) data(t *testing.T) train.Dataset {
	t.Helper()
	x := tensor.New(tensor.WithShape(len(c.Labels), 1), tensor.Of(tensor.Float32))
	ds, err := train.Tensors(x, tensor.New(tensor.WithShape(len(c.Labels)), tensor.WithBacking(c.Labels)))
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// counts says how many samples of each class a part has.
func (c goldenSampling) counts(t *testing.T, part train.Dataset) []int {
	t.Helper()
	indices := make([]int, part.Len())
	for i := range indices {
		indices[i] = i
	}
	_, targets, err := part.Batch(indices)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, slices.Max(c.Labels)+1)
	for _, class := range targets.Data().([]int) {
		counts[class]++
	}
	return counts
}

func TestGoldenSampling(t *testing.T) {
	var file struct{ Cases []goldenSampling }
	readGolden(t, "sampling.json", &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			switch ds := c.data(t); c.Function {
			case "ClassWeights":
				got, err := train.ClassWeights(ds, len(c.Weights))
				if err != nil {
					t.Fatal(err)
				}
				for i, want := range c.Weights {
					if math.Abs(got[i]-want) > 1e-15*want { // the order of the divisions
						t.Errorf("weight %d is %v, want %v", i, got[i], want)
					}
				}
			case "KFold":
				c.kFold(t, ds)
			case "Split":
				training, val, err := train.Split(ds, float64(c.N)/float64(ds.Len()), 1, train.Stratified())
				if err != nil {
					t.Fatal(err)
				}
				for i, part := range []train.Dataset{training, val} {
					if got := c.counts(t, part); !slices.Equal(got, c.Counts[i]) {
						t.Errorf("part %d has %v of the classes, want %v", i, got, c.Counts[i])
					}
				}
			default:
				t.Fatalf("no test of function %s", c.Function)
			}
		})
	}
}

func (c goldenSampling) kFold(t *testing.T, ds train.Dataset) {
	t.Helper()
	var opts []train.SplitOption
	if c.Stratified {
		opts = append(opts, train.Stratified())
	}
	folds, err := train.KFold(ds, c.K, 1, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range folds {
		if c.Stratified && !slices.Equal(c.counts(t, f.Validation), c.Counts[i]) {
			t.Errorf("fold %d has %v of the classes, want %v", i, c.counts(t, f.Validation), c.Counts[i])
		}
		if !c.Stratified && f.Validation.Len() != c.Sizes[i] {
			t.Errorf("fold %d has %d samples, want %d", i, f.Validation.Len(), c.Sizes[i])
		}
	}
}
