package regularize_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
)

// dropout is [regularize.Dropout] at the path drop.
func dropout(p float64, opts ...regularize.DropoutOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s.In("drop"), x, p, opts...)
	}
}

// Worked by hand. Rates that are no multiple of a 65536th scale by up to
// 2^-16 more or less.
func TestDropoutAgainstHand(t *testing.T) {
	const rounding = 5 * 0x1p-16
	for _, c := range []struct {
		name          string
		p             float64
		x, dy         []float64
		keep          []int
		wantY, wantDX []float64
		tolerance     float64
	}{
		{"half", 0.5, []float64{1, 2, 3, 4}, []float64{.1, .2, .3, .4}, []int{1, 0, 1, 0}, []float64{2, 0, 6, 0}, []float64{.2, 0, .6, 0}, 0},
		{"a fifth", 0.2, []float64{1, 2, 3, 4}, []float64{1, 1, 1, 1}, []int{0, 1, 1, 1}, []float64{0, 2.5, 3.75, 5}, []float64{0, 1.25, 1.25, 1.25}, rounding},
		{"a kept zero has a gradient", 0.5, []float64{0, 2}, []float64{1, 1}, []int{1, 1}, []float64{0, 4}, []float64{2, 2}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			y, dx := try(t, dropout(c.p), graph.Shape{len(c.x)}, c.x).at(t, stepThat("drop", c.p, c.keep...), c.dy)
			wantClose(t, "y", y, c.wantY, c.tolerance)
			wantClose(t, "dx", dx, c.wantDX, c.tolerance)
		})
	}
}

// Lengths that end inside a block of 8 draws, over several chunks of work.
func TestDropoutReadsItsStreamByPosition(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 50_003} {
		for _, p := range []float64{0.5, 0.2, 0.97} {
			k := factors("drop", 3, p, n)
			y, dx := try(t, dropout(p), graph.Shape{n}, constant(1, n)).at(t, 3, constant(1, n))
			if !slices.Equal(y, k) {
				t.Fatalf("n %d, p %v: y differs from the stream's factors", n, p)
			}
			if !slices.Equal(dx, k) {
				t.Fatalf("n %d, p %v: dx differs from the stream's factors", n, p)
			}
		}
	}
}

func TestDropoutIsTheIdentityInEval(t *testing.T) {
	for _, p := range []float64{0, 0.5, 1} {
		x := []float64{1, 2, 3, math.Copysign(0, -1)}
		y, dx := try(t, dropout(p), graph.Shape{4}, x, graph.InMode(graph.Eval)).at(t, 0, []float64{5, 6, 7, 8})
		wantClose(t, "y", y, x, 0)
		wantClose(t, "dx", dx, []float64{5, 6, 7, 8}, 0)
	}
}

// The factors of NaN and infinity must be chosen, not multiplied.
func TestDroppedIsZeroEvenForNaN(t *testing.T) {
	bad := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1}
	for name, f := range map[string]graph.Func{
		"element by element": dropout(1),
		"shared":             dropout(1, regularize.NoiseShape(1)),
	} {
		y, dx := try(t, f, graph.Shape{4}, bad).at(t, 0, bad)
		wantClose(t, name+": y of p = 1", y, constant(0, 4), 0)
		wantClose(t, name+": dx of p = 1", dx, constant(0, 4), 0)
	}
	for name, f := range map[string]graph.Func{
		"element by element": dropout(0.5),
		"shared":             dropout(0.5, regularize.NoiseShape(0, 1)),
	} {
		step := stepThat("drop", 0.5, 0, 1)
		y, dx := try(t, f, graph.Shape{2, 1}, []float64{math.NaN(), 3}).at(t, step, []float64{math.Inf(1), 1})
		wantClose(t, name+": y", y, []float64{0, 6}, 0)
		wantClose(t, name+": dx", dx, []float64{0, 2}, 0)
	}
}

// The mask is a function of seed, path, step and element, and of nothing else.
func TestWhatAMaskDependsOn(t *testing.T) {
	const n = 64
	ones := constant(1, n)
	draw := func(path string, step uint64, opts ...graph.Option) []float32 {
		m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			s.Param("weight", graph.Shape{1, 1}, graph.Ones())
			regularize.L2(s, 0) // a step wants a parameter that the loss depends on
			return regularize.Dropout(s.In(path), x, 0.5)
		}, graph.Shape{1, n}, append(opts, graph.Seed(1))...)
		m.SetStep(step)
		tr := m.Trainer(dot)
		r, err := tr.Step(row(ones...), row(ones...))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return slices.Clone(r.Output.Float32s())
	}
	other := func(s uint64) []float32 {
		m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("a"), x, 0.5)
		}, graph.Shape{1, n}, graph.Seed(s))
		y, err := m.Sample(row(ones...), 0)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return y.Float32s()
	}
	base := draw("a", 5)
	if again := draw("a", 5); !slices.Equal(base, again) {
		t.Error("the same seed, path and step drew two masks")
	}
	if slices.Equal(base, draw("b", 5)) {
		t.Error("two paths drew the same mask")
	}
	if slices.Equal(base, draw("a", 6)) {
		t.Error("two steps drew the same mask")
	}
	if slices.Equal(other(1), other(2)) {
		t.Error("two seeds drew the same mask")
	}
	if slices.Equal(base, other(1)) {
		t.Error("a sample for predictions drew the mask of a training step")
	}
}

// Two dropouts of one input, at one rate or at two, must not become one node.
func TestTwoDropoutsOfOneInput(t *testing.T) {
	const n = 64
	for _, p := range []float64{0.5, 0.2} {
		y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			a := regularize.Dropout(s.In("a"), x, 0.5)
			b := regularize.Dropout(s.In("b"), x, p)
			return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return gorgonia.Add(in[0], in[1])
			}, a, b)
		}, graph.Shape{n}, constant(1, n)).at(t, 0, constant(1, n))
		want := factors("a", 0, 0.5, n)
		for i, k := range factors("b", 0, p, n) {
			want[i] += k
		}
		wantClose(t, "y", y, want, 0)
		wantClose(t, "dx", dx, want, 0)
	}
}

func TestMasksDoNotDependOnTheNumberOfCPUs(t *testing.T) {
	const rows, cols = 300, 301
	x := constant(1, rows*cols)
	defer pool.SetThreads(pool.Threads())
	for name, f := range map[string]graph.Func{
		"element by element": dropout(0.3),
		"shared":             dropout(0.3, regularize.NoiseShape(0, 1, 0)),
	} {
		shape := graph.Shape{rows, 1, cols}
		if name == "shared" {
			shape = graph.Shape{30, 10, cols}
		}
		var y, dx [2][]float64
		for i, cpus := range []int{1, 4} {
			pool.SetThreads(cpus)
			y[i], dx[i] = try(t, f, shape, x).at(t, 9, x)
		}
		if !slices.Equal(y[0], y[1]) || !slices.Equal(dx[0], dx[1]) {
			t.Errorf("%s: 1 and 4 CPUs give different bits", name)
		}
	}
}

func TestPIsRoundedToA65536th(t *testing.T) {
	const tiny = 1.0 / (1 << 18)
	y, _ := try(t, dropout(tiny), graph.Shape{1}, []float64{3}).at(t, 0, []float64{1})
	wantClose(t, "p rounded to 0", y, []float64{3}, 0)
	y, _ = try(t, dropout(1-tiny), graph.Shape{1}, []float64{3}).at(t, 0, []float64{1})
	wantClose(t, "p rounded to 1", y, []float64{0}, 0)
	const p = 0.3
	rounded := math.Round(p*65536) / 65536
	y, _ = try(t, dropout(p), graph.Shape{1}, []float64{1}).at(t, stepThat("drop", p, 1), []float64{1})
	wantClose(t, "scale", y, []float64{1 / (1 - rounded)}, 1e-15) // a last bit
}
