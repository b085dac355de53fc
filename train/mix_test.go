package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// The moments of Beta(a, a): 1/2, and 1/(4(2a+1)).
func TestBeta(t *testing.T) {
	for _, a := range []float64{1e-320, 1e-4, 0.2, 0.9, 1, 1.5, 8, 1e5, 1e305} {
		r := random(7)
		const n = 40000
		var sum, squares float64
		for range n {
			v := beta(r, a)
			if !(v >= 0 && v <= 1) {
				t.Fatalf("Beta(%v, %v) gave %v", a, a, v)
			}
			sum += v
			squares += (v - 0.5) * (v - 0.5)
		}
		variance := 1 / (4 * (2*a + 1))
		// Five standard errors; that of a variance is at most √(1/16 - variance²)/√n.
		if got := sum / n; math.Abs(got-0.5) > 5*math.Sqrt(variance/n)+1e-9 {
			t.Errorf("Beta(%v, %v): the mean is %v, want 0.5", a, a, got)
		}
		if got := squares / n; math.Abs(got-variance) > 5*math.Sqrt(variance/4/n)+1e-9 {
			t.Errorf("Beta(%v, %v): the variance is %v, want %v", a, a, got, variance)
		}
	}
}

// images are n of c planes of h by w, image i all of the number i, in class i % 3.
func constantImages(t *testing.T, n, c, h, w int) Dataset {
	t.Helper()
	x, classes := make([]float32, n*c*h*w), make([]int, n)
	for i := range classes {
		classes[i] = i % 3
		for k := range c * h * w {
			x[i*c*h*w+k] = float32(i)
		}
	}
	ds, err := Tensors(tensorOf(x, n, c, h, w), tensorOf(classes, n))
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func oneBatch(t *testing.T, l *Loader, epoch int) Batch {
	t.Helper()
	for b, err := range l.Epoch(t.Context(), epoch) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return b
	}
	t.Fatal("no batch")
	return Batch{}
}

// Each image is λ of its own number and 1-λ of another; the target says of which.
func TestMixup(t *testing.T) {
	l := newLoader(t, constantImages(t, 6, 1, 2, 2), 6, BatchTransforms(Mixup(1, 3)))
	var shares []float64
	for epoch := range 20 {
		b := oneBatch(t, l, epoch)
		x, target := b.X.Float32s(), b.T.Float32s()
		if !b.T.Shape().Eq(tensor.Shape{6, 3}) || !b.X.Shape().Eq(tensor.Shape{6, 1, 2, 2}) {
			t.Fatalf("x has shape %v and the target %v", b.X.Shape(), b.T.Shape())
		}
		for i := range 6 {
			if v := slices.Compact(slices.Clone(x[4*i:][:4])); len(v) != 1 {
				t.Errorf("image %d is not mixed evenly: %v", i, v)
			}
			var sum, own float64
			for c := range 3 {
				sum += float64(target[3*i+c])
			}
			own = float64(target[3*i+i%3])
			if math.Abs(sum-1) > 1e-6 {
				t.Errorf("the target of image %d sums to %v", i, sum)
			}
			if own < 1 { // of another class: the share is that of the numbers too
				shares = append(shares, own)
				found := false
				for p := range 6 {
					found = found || math.Abs(own*float64(i)+(1-own)*float64(p)-float64(x[4*i])) < 1e-5
				}
				if !found {
					t.Errorf("image %d has share %v and value %v, which no partner explains", i, own, x[4*i])
				}
			}
		}
	}
	slices.Sort(shares)
	if len(slices.Compact(shares)) < 10 {
		t.Errorf("20 batches have the shares %v, want one λ for each", shares)
	}
}

// An image holds a rectangle of another, and the target says how much of it.
func TestCutMix(t *testing.T) {
	const h, w = 9, 7
	l := newLoader(t, constantImages(t, 6, 2, h, w), 6, BatchTransforms(CutMix(1, 3)))
	mixed := 0
	for epoch := range 30 {
		b := oneBatch(t, l, epoch)
		x, target := b.X.Float32s(), b.T.Float32s()
		for i := range 6 {
			image := x[i*2*h*w:][:2*h*w]
			if !slices.Equal(image[:h*w], image[h*w:]) {
				t.Fatalf("image %d: the box differs between planes", i)
			}
			foreign, other := 0, float32(i)
			for _, v := range image[:h*w] {
				if v != float32(i) {
					foreign++
					other = v
				}
			}
			if p := int(other); p%3 != i%3 {
				mixed++
				if got, want := target[3*i+p%3], float32(foreign)/(h*w); math.Abs(float64(got-want)) > 1e-6 {
					t.Errorf("image %d has %d of %d pixels of image %d and a target of %v, want %v", i, foreign, h*w, p, got, want)
				}
			}
		}
	}
	if mixed < 50 {
		t.Errorf("%d of 180 images are mixed with one of another class", mixed)
	}
}

func TestMixProbability(t *testing.T) {
	l := newLoader(t, constantImages(t, 300, 1, 1, 1), 3, BatchTransforms(Mixup(1, 3, MixProbability(0.3))))
	plain := 0
	for b, err := range l.Epoch(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		same := true
		for i, v := range b.X.Float32s() {
			same = same && v == float32(3*b.Index+i)
		}
		if same {
			plain++
		}
	}
	// 70 are left out, and of the rest a sixth is mixed with itself; 4 standard errors.
	if plain < 57 || plain > 93 {
		t.Errorf("%d of 100 batches are as they were, want about 75", plain)
	}
}

// Values are mixed as they are.
func TestMixupOfValues(t *testing.T) {
	ds, err := Tensors(tensorOf([]float64{1, 2, 3, 4}, 4, 1), tensorOf([]float64{10, 20, 30, 40}, 4, 1))
	if err != nil {
		t.Fatal(err)
	}
	b := oneBatch(t, newLoader(t, ds, 4, BatchTransforms(Mixup(0.4, 0))), 1)
	for i, v := range b.X.Float32s() {
		if math.Abs(float64(10*v-b.T.Float32s()[i])) > 1e-4 {
			t.Errorf("sample %d is %v and its target %v, want ten times as much", i, v, b.T.Float32s()[i])
		}
	}
}

// What is mixed is a function of seed, epoch and place: of neither prefetching nor the
// epochs before.
func TestMixesAreRepeatable(t *testing.T) {
	for name, transform := range map[string]BatchTransform{"Mixup": Mixup(1, 3), "CutMix": CutMix(1, 3)} {
		ds := constantImages(t, 12, 1, 5, 5)
		all := func(seed uint64, epoch, prefetch int) (out []float32) {
			for b, err := range newLoader(t, ds, 4, Shuffle(seed), Prefetch(prefetch), BatchTransforms(transform)).Epoch(t.Context(), epoch) {
				if err != nil {
					t.Fatal(err)
				}
				out = append(append(out, b.X.Float32s()...), b.T.Float32s()...)
			}
			return out
		}
		want := all(1, 3, 0)
		if !slices.Equal(all(1, 3, 2), want) {
			t.Errorf("%s: prefetching changes what is mixed", name)
		}
		if slices.Equal(all(1, 4, 0), want) || slices.Equal(all(2, 3, 0), want) {
			t.Errorf("%s: another epoch, or seed, mixes alike", name)
		}
	}
}

func TestMistakesInMixes(t *testing.T) {
	ds := constantImages(t, 6, 1, 4, 4)
	rows, err := Tensors(tensorOf(make([]float32, 8), 4, 2), tensorOf([]int{0, 1, 2, 0}, 4))
	if err != nil {
		t.Fatal(err)
	}
	third, err := Subset(ds, []int{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ds   Dataset
		t    BatchTransform
		want string
	}{
		{ds, Mixup(0, 3), "batch transform 0: Mixup: alpha is 0, want a finite value > 0"},
		{ds, Mixup(math.NaN(), 3), "Mixup: alpha is NaN"},
		{ds, CutMix(math.Inf(1), 3), "CutMix: alpha is +Inf"},
		{ds, CutMix(1, 3, MixProbability(1.5)), "CutMix: MixProbability is 1.5, want 0 ≤ p ≤ 1"},
		{ds, Mixup(1, 1), "Mixup: classes is 1, want at least 2"},
		{third, Mixup(1, 2), "Mixup: the target of sample 0 is 2, want 0 ≤ class < 2"},
		{rows, CutMix(1, 3), "CutMix: x has shape (1, 2), want (n, c, h, w) or (n, h, w)"},
		{ds, nil, "batch transform 0 is nil"},
		{ds, func(_ *rand.Rand, b *Batch) error { b.T = nil; return nil }, "batch transform 0 left x of shape (1, 1, 4, 4) and a target of shape (), want 1 samples"},
	} {
		_, err := NewLoader(c.ds, 2, BatchTransforms(c.t))
		wantError(t, err, c.want)
	}
}

// Mixtures train with smoothed labels, and the same numbers come out of a run that is
// continued.
func TestFitOnMixtures(t *testing.T) {
	fit := func(m *graph.Model, o *Optimizer, opts ...FitOption) *History {
		t.Helper()
		opts = append(opts, ReportTo(nil), Metrics(nodes.Accuracy()), Validation(Digits(50, 2)),
			Loading(BatchTransforms(Mixup(0.2, 10), CutMix(1, 10, MixProbability(0.5)))))
		h, err := Fit(t.Context(), m, Digits(200, 1), nodes.CrossEntropy(nodes.LabelSmoothing(0.1)), o, opts...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return h
	}
	model := func() *graph.Model {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
		}, graph.Shape{20, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return m
	}
	once, halves, o := model(), model(), Adam(1e-2)
	whole := fit(once, Adam(1e-2), Epochs(4))
	h := fit(halves, o, Epochs(2))
	fit(halves, o, Epochs(2), Continue(h))
	if a, b := once.Weights()[0].Value.Float32s(), halves.Weights()[0].Value.Float32s(); !slices.Equal(a, b) {
		t.Error("four epochs and two times two end with different weights")
	}
	if last := whole.Epochs[3]; last.Validation.Scores[0].Value < 0.3 || last.Scores[0].Value < 0.3 {
		t.Errorf("after four epochs: %v, validation %v, want accuracies above 0.3", last, last.Validation)
	}
}
