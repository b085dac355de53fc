package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/nodes"
)

// samplings are one of each kind, for a data set of 20 and 10 samples.
func samplings(classes int) map[string]LoaderOption {
	weights := make([]float64, 30)
	for i := range weights {
		weights[i] = float64(i % 4)
	}
	return map[string]LoaderOption{
		"weighted": WeightedSampling(weights),
		"once":     WeightedSampling(weights, WithoutReplacement()),
		"balanced": BalancedClasses(classes, Draws(40)),
		"mixed":    MixedBatches([]float64{2, 1}, Draws(31)),
	}
}

// An epoch is a function of the seed and its number, whatever makes it.
func TestSamplingIsDeterministic(t *testing.T) {
	data := Map(concatOf(t, Digits(20, 1), Digits(10, 2)))
	for name, opt := range samplings(10) {
		loader := func(prefetch int, seed uint64) *Loader {
			return newLoader(t, data, 7, opt, Shuffle(seed), Transforms(Shift(2), Rotate(10)), Prefetch(prefetch))
		}
		want, wantT := epochOf(t, loader(0, 3), 4)
		for _, threads := range []int{1, 4} {
			for _, prefetch := range []int{0, 3} {
				old := pool.Threads()
				pool.SetThreads(threads)
				l := loader(prefetch, 3)
				epochOf(t, l, 1)
				got, gotT := epochOf(t, l, 4)
				pool.SetThreads(old)
				if !slices.Equal(got, want) || !slices.Equal(gotT, wantT) {
					t.Errorf("%s: %d threads, prefetch %d: epoch 4 differs", name, threads, prefetch)
				}
			}
		}
		if other, _ := epochOf(t, loader(0, 4), 4); slices.Equal(other, want) {
			t.Errorf("%s: another seed has the same samples", name)
		}
		if other, _ := epochOf(t, loader(0, 3), 5); slices.Equal(other, want) {
			t.Errorf("%s: another epoch has the same samples", name)
		}
	}
}

// A sample that is drawn twice is augmented in two ways; one that cannot be, as in a
// loader that draws none.
func TestSamplingAugments(t *testing.T) {
	ds := Digits(2, 1)
	augment := Transforms(Shift(5), Rotate(30))
	x, _ := epochOf(t, newLoader(t, ds, 2, WeightedSampling([]float64{0, 1}), augment), 0)
	if slices.Equal(x[:784], x[784:]) {
		t.Error("a sample drawn twice is augmented alike")
	}
	plain, _ := epochOf(t, newLoader(t, ds, 2, augment), 3)
	once, _ := epochOf(t, newLoader(t, ds, 2, augment, WeightedSampling([]float64{0, 1}, WithoutReplacement())), 3)
	if !slices.Equal(once, plain[784:]) {
		t.Error("a sample drawn once is augmented another way than without sampling")
	}
}

func TestWeightedSamplingFrequencies(t *testing.T) {
	weights := []float64{1, 0, 2, 5, 0.5, 1.5, 0}
	const n = 100000
	_, drawn := epochOf(t, newLoader(t, counting(t, 7), n, Shuffle(1), WeightedSampling(weights, Draws(n))), 0)
	for i, w := range weights {
		p := w / 10
		if got, limit := float64(count(drawn, i))/n, 5*math.Sqrt(p*(1-p)/n); math.Abs(got-p) > limit {
			t.Errorf("sample %d has a share of %v, want %v ± %v", i, got, p, limit)
		}
	}
	// Draws do not depend on each other: pairs have the product of the shares.
	pairs := 0
	for i := range n - 1 {
		if drawn[i] == 3 && drawn[i+1] == 3 {
			pairs++
		}
	}
	if got := float64(pairs) / n; math.Abs(got-0.25) > 0.01 {
		t.Errorf("sample 3 follows itself with a share of %v, want 0.25", got)
	}
}

func TestWeightedSamplingOfHugeWeights(t *testing.T) {
	for _, w := range [][]float64{{1e307, 1e-300, 1e307}, {5e-324, 0, 5e-324}, {0, 0, 1}} {
		for _, opts := range [][]WeightedSamplingOption{nil, {WithoutReplacement()}, {nil, Draws(1)}} {
			_, drawn := epochOf(t, newLoader(t, counting(t, 3), 3, WeightedSampling(w, opts...)), 0)
			for _, i := range drawn {
				if w[i] == 0 {
					t.Errorf("%v draws %v, and with it a weight of 0", w, drawn)
				}
			}
		}
	}
}

func TestBalancedClasses(t *testing.T) {
	labels := make([]int, 100)
	labels[17], labels[18], labels[19] = 1, 1, 2
	ds := labelled(t, labels...)
	_, drawn := epochOf(t, newLoader(t, ds, 64, Shuffle(1), BalancedClasses(3, Draws(9000))), 0)
	for class := range 3 {
		if n := count(drawn, class); math.Abs(float64(n)-3000) > 5*math.Sqrt(9000.0*2/9) {
			t.Errorf("class %d is drawn %d times of 9000, want about 3000", class, n)
		}
	}
	_, once := epochOf(t, newLoader(t, ds, 64, BalancedClasses(3, WithoutReplacement())), 0)
	if count(once, 0) != 97 || count(once, 1) != 2 || count(once, 2) != 1 {
		t.Errorf("without replacement there are %d, %d and %d of the classes, want all", count(once, 0), count(once, 1), count(once, 2))
	}
}

// Each batch has its share, and each part comes round before it begins again.
func TestMixedBatches(t *testing.T) {
	parts := []Dataset{labelled(t, 0, 1, 2, 3, 4, 5, 6), labelled(t, 100, 101, 102), labelled(t, 200)}
	ds := concatOf(t, parts...)
	l := newLoader(t, ds, 8, Shuffle(1), MixedBatches([]float64{2, 1, 1}, Draws(40)))
	seen := map[int]int{}
	for epoch := range 21 {
		_, ts := epochOf(t, l, epoch)
		for i, b := 0, ts; len(b) > 0; i, b = i+1, b[8:] {
			var each [3]int
			for _, v := range b[:8] {
				each[v/100]++
			}
			if each != [3]int{4, 2, 2} {
				t.Fatalf("epoch %d, batch %d has %v of the parts, want 4, 2 and 2", epoch, i, each)
			}
		}
		for _, v := range ts {
			seen[v]++
		}
		least, most := math.MaxInt, 0
		for i := range 7 {
			least, most = min(least, seen[i]), max(most, seen[i])
		}
		if most-least > 1 {
			t.Fatalf("after epoch %d a sample of the first part has come %d times and another %d", epoch, most, least)
		}
	}
	if seen[0] != 60 || seen[200] != 210 {
		t.Errorf("samples have come %v times, want 60 of each of the first part and 210 of the last", seen)
	}
}

// Batches take turns where shares are no whole numbers.
func TestMixedBatchesTakeTurns(t *testing.T) {
	ds := concatOf(t, labelled(t, make([]int, 30)...), labelled(t, slices.Repeat([]int{1}, 10)...))
	_, ts := epochOf(t, newLoader(t, ds, 10, MixedBatches([]float64{0.75, 0.25})), 0)
	var rest []int
	for b := range slices.Chunk(ts, 10) {
		rest = append(rest, count(b, 1))
	}
	if slices.Sort(rest); !slices.Equal(rest, []int{2, 2, 3, 3}) {
		t.Errorf("batches have %v of the second part, want 2 or 3 and 10 in all", rest)
	}
	l := newLoader(t, ds, 16, MixedBatches([]float64{1, 1}), DropLast())
	if l.Len() != 2 || l.samples() != 32 {
		t.Errorf("with DropLast there are %d batches of %d samples, want 2 of 32", l.Len(), l.samples())
	}
}

func TestSamplingErrors(t *testing.T) {
	ds := labelled(t, 0, 1, 0)
	two := concatOf(t, ds, ds)
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		ds   Dataset
		opt  LoaderOption
		want string
	}{
		{ds, WeightedSampling(nil), "WeightedSampling: there are 0 weights, want one for each of 3 samples"},
		{ds, WeightedSampling([]float64{1, 2}), "WeightedSampling: there are 2 weights, want one for each of 3 samples"},
		{ds, WeightedSampling([]float64{1, -2, 0}), "WeightedSampling: weight 1 is -2, want a finite number of at least 0"},
		{ds, WeightedSampling([]float64{1, 2, nan}), "WeightedSampling: weight 2 is NaN"},
		{ds, WeightedSampling([]float64{inf, 2, 1}), "WeightedSampling: weight 0 is +Inf"},
		{ds, WeightedSampling([]float64{1.7e308, 1.7e308, 1}), "WeightedSampling: the sum of the weights is infinite"},
		{ds, WeightedSampling([]float64{0, 0, 0}), "WeightedSampling: all weights are 0"},
		{ds, WeightedSampling([]float64{1, 1, 1}, Draws(0)), "WeightedSampling: Draws is 0, want at least 1"},
		{ds, WeightedSampling([]float64{1, 1, 0}, WithoutReplacement(), Draws(3)), "WeightedSampling: Draws is 3 without replacement, want at most the 2 weights above 0"},
		{ds, BalancedClasses(3), "BalancedClasses: class 2 of 3 has no sample among 3"},
		{ds, BalancedClasses(1), "BalancedClasses: sample 1: the class is 1, want 0 ≤ class < 1"},
		{ds, BalancedClasses(-1), "BalancedClasses: classes is -1, want at least 1"},
		{ds, BalancedClasses(2, Draws(-1)), "BalancedClasses: Draws is -1"},
		{ds, MixedBatches([]float64{1}), "MixedBatches: the data set has no parts, want one made by Concat"},
		{Map(ds), MixedBatches([]float64{1}), "MixedBatches: the data set has no parts"},
		{two, MixedBatches([]float64{1}), "MixedBatches: there are 1 shares, want one for each of 2 parts"},
		{two, MixedBatches([]float64{1, -1}), "MixedBatches: share 1 is -1"},
		{two, MixedBatches([]float64{nan, 1}), "MixedBatches: share 0 is NaN"},
		{two, MixedBatches([]float64{0, 0}), "MixedBatches: the sum of the shares is 0"},
		{two, MixedBatches([]float64{1.7e308, 1.7e308}), "MixedBatches: the sum of the shares is +Inf"},
		{two, MixedBatches([]float64{1, 1}, Draws(0)), "MixedBatches: Draws is 0"},
		{two, MixedBatches([]float64{1, 1}, Draws(1)), "DropLast drops the only batch: 1 samples in batches of 2"},
	} {
		_, err := NewLoader(c.ds, 2, c.opt, DropLast())
		wantError(t, err, c.want)
	}
	_, err := NewLoader(two, 2, MixedBatches([]float64{1, 1}), BalancedClasses(2))
	wantError(t, err, "MixedBatches and BalancedClasses are given, want one of them")
}

// A training that draws its samples goes on with the same bits after it was cut off in
// the middle of an epoch, and does not take up one that drew others.
func TestSamplingResumes(t *testing.T) {
	data := concatOf(t, twoClasses(t, 20), twoClasses(t, 10))
	fit := func(ctx context.Context, opts ...FitOption) (*graph.Model, *History, error) {
		m := plane(t)
		h, err := Fit(ctx, m, data, nodes.CrossEntropy(), Adam(0.01), append(opts, Epochs(3), BatchSize(4), ReportTo(nil))...)
		return m, h, err
	}
	for name, opt := range samplings(2) {
		t.Run(name, func(t *testing.T) {
			want, wantHistory, err := fit(t.Context(), Loading(opt))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			dir := t.TempDir()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			_, _, err = fit(ctx, Loading(opt), Checkpoints(dir), OnStep(func(tr *Training) error {
				if tr.Steps() == tr.StepsPerEpoch()+3 {
					stop()
				}
				return nil
			}))
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got error %v, want that of the context", err)
			}
			if _, _, err := fit(t.Context(), Checkpoints(dir)); err == nil {
				t.Error("without the sampling it goes on")
			}
			got, history, err := fit(t.Context(), Loading(opt), Checkpoints(dir))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			wantSame(t, name, got, want, history, wantHistory)
		})
	}
}
