package train

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
)

// WeightedSampling draws the samples of each epoch with probabilities in proportion to
// their weights, one for each sample of the data set, finite and not negative. A weight
// of 0 is never drawn.
//
// By default as many are drawn as there are samples, each from all: a sample may occur
// several times in an epoch, augmented another way each time, or not at all. See
// [Draws] and [WithoutReplacement]. What an epoch draws is a function of the seed of
// [Shuffle] and the epoch alone.
//
// It is PyTorch's WeightedRandomSampler.
func WeightedSampling(weights []float64, opts ...WeightedSamplingOption) LoaderOption {
	w := &weightedSampling{weights: slices.Clone(weights)}
	for _, opt := range guard.Given(opts) {
		opt.weighted(w)
	}
	return samplingOption{"WeightedSampling", w.of}.apply
}

// BalancedClasses draws samples such that all classes are equally frequent: it is
// [WeightedSampling] by the weights that [ClassWeights] gives to the classes of the data
// set, which it reads when the loader is made. The options are the same.
func BalancedClasses(classes int, opts ...WeightedSamplingOption) LoaderOption {
	return samplingOption{"BalancedClasses", func(l *Loader) (*sampling, error) {
		labels, byClass, err := balance(l.ds, classes)
		if err != nil {
			return nil, err
		}
		w := &weightedSampling{}
		for _, c := range labels {
			w.weights = append(w.weights, byClass[c])
		}
		for _, opt := range guard.Given(opts) {
			opt.weighted(w)
		}
		return w.of(l)
	}}.apply
}

// A WeightedSamplingOption adjusts one [WeightedSampling] or [BalancedClasses].
type WeightedSamplingOption interface{ weighted(*weightedSampling) }

// WithoutReplacement draws each sample at most once in an epoch: one after the other,
// each from those that are left, in proportion to their weights. By default all of
// weight above 0 are drawn, so that the weights decide only who comes first; fewer are
// by [Draws], and more are an error.
//
// The order is drawn by one number for each sample, after Efraimidis and Spirakis,
// Weighted Random Sampling with a Reservoir, Information Processing Letters 97, 2006.
func WithoutReplacement() WeightedSamplingOption { return withoutReplacement{} }

type withoutReplacement struct{}

func (withoutReplacement) weighted(w *weightedSampling) { w.once = true }

type weightedSampling struct {
	weights []float64
	draws   *int
	once    bool
}

// of makes the sampling of a loader.
func (w *weightedSampling) of(l *Loader) (*sampling, error) {
	if len(w.weights) != l.n {
		return nil, errors.Errorf("there are %d weights, want one for each of %d samples", len(w.weights), l.n)
	}
	sums, positive := make([]float64, l.n), 0
	sum := 0.0
	for i, v := range w.weights {
		if !(v >= 0) || math.IsInf(v, 1) { // this way round, NaN fails too
			return nil, errors.Errorf("weight %d is %v, want a finite number of at least 0", i, v)
		}
		if v > 0 {
			positive++
		}
		sum += v
		sums[i] = sum
	}
	switch {
	case positive == 0:
		return nil, errors.New("all weights are 0, want one above")
	case math.IsInf(sum, 1):
		return nil, errors.New("the sum of the weights is infinite, want smaller ones")
	}
	if w.once {
		return w.ofRanks(positive)
	}
	n, err := drawsOr(w.draws, l.n)
	return &sampling{n: n, repeats: true, order: func(seed uint64, epoch int) []int { return drawSums(sums, n, stream(seed, epoch)) }}, err
}

// ofRanks is sampling without replacement.
func (w *weightedSampling) ofRanks(positive int) (*sampling, error) {
	n, err := drawsOr(w.draws, positive)
	if err == nil && n > positive {
		err = errors.Errorf("Draws is %d without replacement, want at most the %d weights above 0", n, positive)
	}
	return &sampling{n: n, order: func(seed uint64, epoch int) []int { return drawRanks(w.weights, stream(seed, epoch))[:n] }}, err
}

func stream(seed uint64, epoch int) *rand.Rand {
	return rand.New(philox.NewSource(philox.KeyOf(seed, "sampling"), uint64(epoch)))
}

// drawSums draws n indices, each by a number below the last of the sums of the weights.
func drawSums(sums []float64, n int, r *rand.Rand) []int {
	total := sums[len(sums)-1]
	last := sort.SearchFloat64s(sums, total) // the last one of weight above 0
	order := make([]int, n)
	for i := range order {
		u := r.Float64() * total // which may be rounded up to total
		order[i] = min(last, sort.Search(len(sums), func(j int) bool { return sums[j] > u }))
	}
	return order
}

// drawRanks draws the order of all indices of weight above 0: by the times at which
// they would come if each came at a rate of its weight, -ln(1-u)/w, in logarithms so
// that none overflows.
func drawRanks(weights []float64, r *rand.Rand) []int {
	times := make([]float64, len(weights))
	var order []int
	for i, w := range weights {
		times[i] = math.Log(-math.Log(1-r.Float64())) - math.Log(w)
		if w > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(times[a], times[b]) })
	return order
}
