package train_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A param is the least a [gorgonia.ValueGrad] can be.
type param struct {
	value, grad gorgonia.Value
	err         error
}

func (p *param) Value() gorgonia.Value         { return p.value }
func (p *param) Grad() (gorgonia.Value, error) { return p.grad, p.err }

func newParam[T any](data []T, shape ...int) *param {
	return &param{value: tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))}
}

func valueGrads(ps []*param) []gorgonia.ValueGrad {
	out := make([]gorgonia.ValueGrad, len(ps))
	for i, p := range ps {
		out[i] = p
	}
	return out
}

// everyOptimizer is one of each kind with all the moments it can have.
var everyOptimizer = map[string]func() *train.Optimizer{
	"SGD":      func() *train.Optimizer { return train.SGD(0.1, train.WeightDecay(0.01)) },
	"momentum": func() *train.Optimizer { return train.SGD(0.1, train.Momentum(0.9), train.Dampening(0.5)) },
	"Adam":     func() *train.Optimizer { return train.Adam(0.1, train.AMSGrad(), train.ClipNorm(0.5)) },
	"AdamW":    func() *train.Optimizer { return train.AdamW(0.1, train.ClipValue(0.5)) },
	"RMSProp": func() *train.Optimizer {
		return train.RMSProp(0.1, train.Centered(), train.Momentum(0.9), train.ClipNorm(0.5))
	},
	"Adagrad": func() *train.Optimizer { return train.Adagrad(0.1, train.InitialAccumulator(0.1), train.LRDecay(0.1)) },
}

// problem is parameters of the given sizes with a function that sets their
// gradients for a step.
func problem(sizes ...int) ([]gorgonia.ValueGrad, func(step int)) {
	var ps []*param
	for i, n := range sizes {
		if i%2 == 0 {
			ps = append(ps, newParam(make([]float32, n), n))
			ps[i].grad = tensor.New(tensor.WithShape(n), tensor.WithBacking(make([]float32, n)))
		} else {
			ps = append(ps, newParam(make([]float64, n), n))
			ps[i].grad = tensor.New(tensor.WithShape(n), tensor.WithBacking(make([]float64, n)))
		}
	}
	return valueGrads(ps), func(step int) {
		for i, p := range ps {
			r := rand.New(rand.NewPCG(uint64(step), uint64(i)))
			switch g := p.grad.Data().(type) {
			case []float32:
				for j := range g {
					g[j] = float32(r.NormFloat64())
				}
			case []float64:
				for j := range g {
					g[j] = r.NormFloat64()
				}
			}
		}
	}
}

// steps runs steps from ≤ step < to.
func steps(t *testing.T, o *train.Optimizer, ps []gorgonia.ValueGrad, grads func(int), from, to int) {
	t.Helper()
	for step := from; step < to; step++ {
		grads(step)
		if err := o.Step(ps); err != nil {
			t.Fatal(err)
		}
	}
}

// bits returns all elements of the parameters.
func bits(ps []gorgonia.ValueGrad) (out []uint64) {
	for _, p := range ps {
		switch d := p.Value().Data().(type) {
		case []float32:
			for _, v := range d {
				out = append(out, uint64(math.Float32bits(v)))
			}
		case []float64:
			for _, v := range d {
				out = append(out, math.Float64bits(v))
			}
		}
	}
	return out
}

func TestOptimizerIsTheSameOnAnyNumberOfCPUs(t *testing.T) {
	for name, make := range everyOptimizer {
		run := func(cpus int) []uint64 {
			defer pool.SetThreads(pool.Threads())
			pool.SetThreads(cpus)
			ps, grads := problem(50_001, 3, 1, 20_000)
			steps(t, make(), ps, grads, 0, 3)
			return bits(ps)
		}
		if !slices.Equal(run(1), run(4)) {
			t.Errorf("%s: 1 and 4 CPUs gave different bits", name)
		}
	}
}

func TestOptimizerAllocatesNothingPerStep(t *testing.T) {
	for name, make := range everyOptimizer {
		ps, grads := problem(100, 7, 50_001)
		scalar := &param{value: gorgonia.NewF32(1), grad: gorgonia.NewF32(1)}
		ps = append(ps, scalar)
		o := make()
		steps(t, o, ps, grads, 0, 1)
		if n := testing.AllocsPerRun(10, func() {
			if err := o.Step(ps); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations in a step, want 0", name, n)
		}
	}
}

func TestOptimizerLeavesParametersWithoutGradient(t *testing.T) {
	for name, make := range everyOptimizer {
		ps, _ := problem(3, 2)
		for _, none := range []gorgonia.Value{nil, (*tensor.Dense)(nil)} {
			for _, p := range ps {
				p.(*param).grad = none
			}
			before := bits(ps)
			if err := make().Step(ps); err != nil {
				t.Errorf("%s: gradient %T: %v", name, none, err)
			}
			if !slices.Equal(bits(ps), before) {
				t.Errorf("%s: gradient %T: the parameters have moved", name, none)
			}
		}
	}
}

func TestOptimizerUpdatesScalars(t *testing.T) {
	w, v := gorgonia.NewF32(1), tensor.New(tensor.FromScalar(2.0))
	ps := []*param{{value: w, grad: gorgonia.NewF32(4)}, {value: v, grad: gorgonia.NewF64(8)}}
	o := train.SGD(0.125, train.Momentum(0.5))
	if err := o.Step(valueGrads(ps)); err != nil {
		t.Fatal(err)
	}
	if *w != 0.5 || v.Data() != 1.0 {
		t.Errorf("got %v and %v, want 0.5 and 1", w, v)
	}
	again := train.SGD(0.125, train.Momentum(0.5))
	if err := again.Restore(o.State()); err != nil {
		t.Fatal(err)
	}
	if err := again.Step(valueGrads(ps)); err != nil {
		t.Fatal(err)
	}
	if *w != -0.25 || v.Data() != -0.5 {
		t.Errorf("got %v and %v, want -0.25 and -0.5", w, v)
	}
}

func TestClippingReadsSharedGradientsOnce(t *testing.T) {
	ps := []*param{newParam([]float64{0, 0}, 2), newParam([]float64{0, 0}, 2)}
	shared := tensor.New(tensor.WithBacking([]float64{3, 4}))
	ps[0].grad, ps[1].grad = shared, shared
	o := train.SGD(1, train.ClipNorm(0.5))
	if err := o.Step(valueGrads(ps)); err != nil {
		t.Fatal(err)
	}
	norm := math.Sqrt(50) // of both parameters
	if math.Abs(o.GradNorm()-norm) > 1e-15*norm {
		t.Errorf("GradNorm is %v, want %v", o.GradNorm(), norm)
	}
	scale := 0.5 / (norm + 1e-6)
	for i, p := range ps {
		for j, g := range []float64{3, 4} {
			// One rounding of the product and one of the sum of squares.
			if got, want := p.value.Data().([]float64)[j], -scale*g; math.Abs(got-want) > 1e-15 {
				t.Errorf("parameter %d element %d: got %v, want %v within 1e-15", i, j, got, want)
			}
		}
	}
	if got := shared.Data().([]float64); !slices.Equal(got, []float64{3, 4}) {
		t.Errorf("the gradient has become %v, want it as it was", got)
	}
}
