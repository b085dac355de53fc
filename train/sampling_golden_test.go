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
	Seed           uint64
	Orders         [][]int
	Shares         [][]float64
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
			switch c.Function {
			case "ClassWeights":
				ds := c.data(t)
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
				c.kFold(t, c.data(t))
			case "Split":
				ds := c.data(t)
				training, val, err := train.Split(ds, float64(c.N)/float64(ds.Len()), 1, train.Stratified())
				if err != nil {
					t.Fatal(err)
				}
				for i, part := range []train.Dataset{training, val} {
					if got := c.counts(t, part); !slices.Equal(got, c.Counts[i]) {
						t.Errorf("part %d has %v of the classes, want %v", i, got, c.Counts[i])
					}
				}
			case "WeightedSampling":
				c.orders(t, numbered(t, 0, len(c.Weights)), 5, train.WeightedSampling(c.Weights, c.draws()))
			case "WithoutReplacement":
				c.orders(t, numbered(t, 0, len(c.Weights)), 5, train.WeightedSampling(c.Weights, train.WithoutReplacement(), c.draws()))
				c.frequencies(t)
			case "MixedBatches":
				var parts []train.Dataset
				start := 0
				for _, n := range c.Sizes {
					parts = append(parts, numbered(t, start, n))
					start += n
				}
				ds, err := train.Concat(parts...)
				if err != nil {
					t.Fatal(err)
				}
				c.orders(t, ds, c.K, train.MixedBatches(c.Weights, c.draws()))
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

// draws is the option of that, nil for the default.
func (c goldenSampling) draws() train.DrawsOption {
	if c.N == 0 {
		return nil
	}
	return train.Draws(c.N)
}

// numbered is a data set of n samples, each its own number, from start.
func numbered(t *testing.T, start, n int) train.Dataset {
	t.Helper()
	labels := make([]int, n)
	for i := range labels {
		labels[i] = start + i
	}
	return goldenSampling{Labels: labels}.data(t)
}

// orders compares what a loader draws in each epoch, of a mixture what is in each batch.
func (c goldenSampling) orders(t *testing.T, ds train.Dataset, batch int, opt train.LoaderOption) {
	t.Helper()
	l, err := train.NewLoader(ds, batch, train.Shuffle(c.Seed), opt)
	if err != nil {
		t.Fatal(err)
	}
	for epoch, want := range c.Orders {
		var got []int
		for b, err := range l.Epoch(t.Context(), epoch) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, b.T.Data().([]int)...)
		}
		if c.Sizes != nil {
			for b := range slices.Chunk(got, batch) {
				slices.Sort(b)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("epoch %d has %v, want %v", epoch, got, want)
		}
	}
}

// frequencies compares how often a sample is among the first ones of an epoch with the
// probabilities.
func (c goldenSampling) frequencies(t *testing.T) {
	t.Helper()
	n := len(c.Shares[0])
	l, err := train.NewLoader(numbered(t, 0, len(c.Weights)), n, train.Prefetch(0),
		train.WeightedSampling(c.Weights, train.WithoutReplacement(), train.Draws(n)))
	if err != nil {
		t.Fatal(err)
	}
	const epochs = 4000
	counts := make([][]float64, len(c.Weights))
	for i := range counts {
		counts[i] = make([]float64, n)
	}
	for epoch := range epochs {
		for b, err := range l.Epoch(t.Context(), epoch) {
			if err != nil {
				t.Fatal(err)
			}
			for k, i := range b.T.Data().([]int) {
				for ; k < n; k++ {
					counts[i][k]++
				}
			}
		}
	}
	for i, shares := range c.Shares {
		for k, p := range shares {
			if limit := 5 * math.Sqrt(max(0, p*(1-p))/epochs); math.Abs(counts[i][k]/epochs-p) > limit+1e-12 {
				t.Errorf("sample %d is among the first %d of %v of epochs, want %v ± %v", i, k+1, counts[i][k]/epochs, p, limit)
			}
		}
	}
}
