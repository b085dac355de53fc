package nodes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// Classes that are neighbours and others, fewer and more of them than the threads of a warp
// and of a block.
var classShapes = []graph.Shape{{1, 1}, {3, 2}, {65, 10}, {9, 33}, {2, 1024}, {3, 1025}, {2, 3, 5}, {2, 40, 3, 7}, {1, 3, 70}}

// targetsOf are classes in turn, and now and then the one to ignore.
func targetsOf(shape graph.Shape, classes, ignore int) *tensor.Dense {
	d := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Int))
	for i := range d.Ints() {
		if d.Ints()[i] = (i*i + i/3) % classes; i%5 == 4 {
			d.Ints()[i] = ignore
		}
	}
	return d
}

func weightsOf(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = float64(i%7) / 3
	}
	return w
}

func TestNLLOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range append(classShapes, graph.Shape{5000, 3}, graph.Shape{3, 2, 90, 100}) {
		classes := shape[1]
		logp, losses := randomOf(r, -2, 1, shape...), randomOf(r, 1, 1, positions(shape)...)
		dy, dlosses := tensor.New(tensor.FromScalar(float32(0.7))), randomOf(r, 0, 1, positions(shape)...)
		for _, op := range []nllSettings{
			{classes: classes, ignoreIndex: -100},
			{classes: classes, ignoreIndex: 0, weights: weightsOf(classes), smoothing: 0.1},
			{classes: classes, ignoreIndex: -100, smoothing: 1},
		} {
			target := targetsOf(positions(shape), classes, op.ignoreIndex)
			onBoth(t, nllLosses{op}, 1e-5, logp, target)
			onBoth(t, nllGrad{op}, 1e-6, dlosses, target)
			onBoth(t, nllMean{op}, 1e-5, losses, target)
			onBoth(t, nllMeanGrad{op}, 1e-6, dy, target)
		}
		for _, op := range []softNLL{{}, {weightsOf(classes), 0.2}} {
			p := randomOf(r, 0.5, 0.1, shape...)
			onBoth(t, op, 1e-5, logp, p)
			onBoth(t, softNLLGrad{op.weights, 1 - op.smoothing, op.smoothing / float64(classes)}, 1e-6, p, dlosses)
		}
	}
}

// An infinite log-probability of another class costs nothing, and the lowest position that
// is no class is reported as by the CPU.
func TestNLLOfExtremesOnCUDA(t *testing.T) {
	op := nllSettings{classes: 3, ignoreIndex: 9}
	logp := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{-1, float32(math.Inf(-1)), -2, float32(math.NaN()), 1, 1}))
	target := tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{0, 9}))
	onBoth(t, nllLosses{op}, 0, logp, target)
	onBoth(t, nllGrad{op}, 0, tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{float32(math.Inf(1)), 0})), target)

	target = tensor.New(tensor.WithShape(2, 150), tensor.Of(tensor.Int))
	target.Ints()[170], target.Ints()[40], target.Ints()[41] = 3, -7, 5
	x := tensor.New(tensor.WithShape(2, 3, 150), tensor.Of(tensor.Float32))
	want := nllLosses{op}.Forward(tensor.New(tensor.WithShape(2, 150), tensor.Of(tensor.Float32)), x, target)
	if _, got := onDevice(t, nllLosses{op}, x, target); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestElementLossesOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	x, target, dy := randomOf(r, 0, 1, 1000), randomOf(r, 0, 1, 1000), randomOf(r, 0, 1, 1000)
	x.Float32s()[0], x.Float32s()[1], target.Float32s()[2] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(1))
	x.Float32s()[3] = target.Float32s()[3]
	for _, kind := range []elementKind{squared, absolute, huber} {
		onBoth(t, elementOp{kind, 0.3}, 0, x, target)
		onBoth(t, elementGrad{kind, 0.3}, 0, x, target, dy)
	}
}

func TestLengthsOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	x := randomOf(r, 0, 1, 70, 20, 30)
	for n := range 70 {
		for e := n * 600 / 70; e < 600; e++ {
			x.Float32s()[n*600+e] = 0
		}
	}
	onBoth(t, sequenceLengths{0}, 0, x)
	onBoth(t, sequenceLengths{math.NaN()}, 0, x)
	for i, v := range x.Float32s() {
		if v == 0 {
			x.Float32s()[i] = float32(math.NaN())
		}
	}
	onBoth(t, sequenceLengths{math.NaN()}, 0, x)
	onBoth(t, sequenceLengths{0}, 0, x)

	op := checkedLengths{option: "Lengths", axis: 1, of: "steps"}
	whole, floats := tensor.New(tensor.WithShape(70), tensor.Of(tensor.Int)), tensor.New(tensor.WithShape(70), tensor.Of(tensor.Float32))
	for i := range 70 {
		whole.Ints()[i], floats.Float32s()[i] = i%21, float32(i%21)
	}
	onBoth(t, op, 0, x, whole)
	onBoth(t, op, 0, x, floats)
	y := tensor.New(tensor.WithShape(70), tensor.Of(tensor.Float32))
	for _, v := range []float64{21, -1, 2.5, math.Inf(1), math.NaN()} {
		floats.Float32s()[7] = float32(v)
		want := op.Forward(y, x, floats)
		if _, got := onDevice(t, op, x, floats); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	whole.Ints()[9], whole.Ints()[8] = -1, 21
	want := op.Forward(y, x, whole)
	if _, got := onDevice(t, op, x, whole); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
