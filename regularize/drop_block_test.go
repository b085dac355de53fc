package regularize_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

type dropBlockNode func(*graph.Scope, *graph.Node, float64, int, ...regularize.DropBlockOption) *graph.Node

func dropBlock(f dropBlockNode, p float64, size int, opts ...regularize.DropBlockOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return f(s.In("drop"), x, p, size, opts...) }
}

func dropBlockGradients() []graphtest.Case {
	row := func(node, name string, f graph.Func, shape ...int) graphtest.Case {
		return graphtest.Case{
			Node: node, Name: name, Modes: allModes, In: []graphtest.Input{graphtest.Normal(shape...)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return f(s, in[0]) },
		}
	}
	return []graphtest.Case{
		row("DropBlock1D", "", dropBlock(regularize.DropBlock1D, 0.3, 3), 2, 3, 9),
		row("DropBlock2D", "", dropBlock(regularize.DropBlock2D, 0.3, 3), 2, 3, 5, 6),
		row("DropBlock2D", "of an even size", dropBlock(regularize.DropBlock2D, 0.3, 2), 2, 3, 5, 6),
		row("DropBlock2D", "coupled", dropBlock(regularize.DropBlock2D, 0.3, 3, regularize.CoupleChannels()), 3, 3, 5, 6),
		row("DropBlock2D", "at a scheduled rate", dropBlock(regularize.DropBlock2D, 0.6, 2, regularize.LinearRate(0.3, 10)), 2, 3, 5, 6),
		row("DropBlock3D", "", dropBlock(regularize.DropBlock3D, 0.3, 2), 2, 3, 3, 4, 5),
	}
}

// The factors that the documentation promises, square by square.
func blockFactors(step uint64, p float64, n, h, w, size int) []float64 {
	size = min(size, h, w)
	gamma := min(1, p*float64(h*w)/float64(size*size*(h-size+1)*(w-size+1)))
	corner := factors("drop", step, gamma, n*h*w)
	k := constant(1, n*h*w)
	for e := range k {
		if row, col := e/w%h, e%w; corner[e] != 0 || row+size > h || col+size > w {
			continue
		}
		for i := range size {
			clear(k[e+i*w:][:size])
		}
	}
	left := 0.0
	for _, v := range k {
		left += v
	}
	for e := range k {
		k[e] *= float64(len(k)) / max(1, left)
	}
	return k
}

// Worked by hand: of 25 elements one square leaves 16.
func TestDropBlockAgainstHand(t *testing.T) {
	const a = 1.5625
	want := []float64{
		a, a, a, a, a,
		a, 0, 0, 0, a,
		a, 0, 0, 0, a,
		a, 0, 0, 0, a,
		a, a, a, a, a,
	}
	step := uint64(0)
	for !slices.Equal(blockFactors(step, 0.1, 1, 5, 5, 3), want) {
		step++
	}
	y, dx := try(t, dropBlock(regularize.DropBlock2D, 0.1, 3), graph.Shape{1, 1, 5, 5}, constant(1, 25)).at(t, step, constant(2, 25))
	wantClose(t, "y", y, want, 0)
	for i := range want {
		want[i] *= 2
	}
	wantClose(t, "dx", dx, want, 0)
}

func TestDropBlockDropsSquares(t *testing.T) {
	for _, c := range []struct {
		p          float64
		h, w, size int
	}{
		{0.1, 9, 9, 3}, {0.3, 8, 11, 4}, {0.5, 7, 5, 1}, {0.2, 6, 40, 5},
		{0.4, 3, 8, 7},  // clipped to 3
		{0.9, 10, 2, 2}, // the side of the map
		{1, 4, 4, 3},    // γ is clamped
	} {
		n := 6 * c.h * c.w
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i) - 20
		}
		k := blockFactors(3, c.p, 6, c.h, c.w, c.size)
		want := make([]float64, n)
		for i := range x {
			want[i] = k[i] * x[i]
		}
		y, dx := try(t, dropBlock(regularize.DropBlock2D, c.p, c.size), graph.Shape{2, 3, c.h, c.w}, x).at(t, 3, constant(1, n))
		wantClose(t, "y", y, want, 0)
		wantClose(t, "dx", dx, k, 0)

		// With coupled channels the same squares are those of samples.
		y, _ = try(t, dropBlock(regularize.DropBlock2D, c.p, c.size, regularize.CoupleChannels()), graph.Shape{6, 2, c.h, c.w}, constant(1, 2*n)).at(t, 3, constant(1, 2*n))
		for e, v := range y {
			if area := c.h * c.w; v != k[e/(2*area)*area+e%area] {
				t.Fatalf("coupled, %+v: element %d is %v, want %v", c, e, v, k[e/(2*area)*area+e%area])
			}
		}
	}
}

func TestDropBlockIsTheIdentityInEval(t *testing.T) {
	x := []float64{1, math.NaN(), 3, 4}
	y, _ := try(t, dropBlock(regularize.DropBlock1D, 1, 2), graph.Shape{1, 1, 4}, x, graph.InMode(graph.Eval)).at(t, 0, x)
	if !(y[0] == 1 && y[1] != y[1] && y[3] == 4) {
		t.Errorf("got %v, want %v", y, x)
	}
}

func TestDropBlockDropsNaNAndAllThereIs(t *testing.T) {
	bad := []float64{math.NaN(), math.Inf(1), 1, math.NaN()}
	for _, couple := range [][]regularize.DropBlockOption{nil, {regularize.CoupleChannels()}} {
		y, dx := try(t, dropBlock(regularize.DropBlock1D, 1, 2, couple...), graph.Shape{1, 1, 4}, bad).at(t, 0, bad)
		wantClose(t, "y", y, constant(0, 4), 0)
		wantClose(t, "dx", dx, constant(0, 4), 0)
	}
}

// Of a map whose squares of which the whole lies inside may overlap, a position far
// from the border is dropped if one of size² corners draws: 1-(1-γ)^(size²).
func TestDropBlockRates(t *testing.T) {
	const n, h, w, size, p = 2000, 12, 12, 3, 0.2
	y := sample(t, dropBlock(regularize.DropBlock2D, p, size), graph.Shape{n, 1, h, w}, ones(n*h*w))
	gamma := p * h * w / (size * size * (h - size + 1) * (w - size + 1))
	inner := 1 - math.Pow(1-gamma, size*size)
	for _, c := range []struct {
		name     string
		row, col int
		want     float64
	}{
		{"the middle", 5, 6, inner},
		{"a corner", 0, 0, gamma},
		{"a side", 0, 6, 1 - math.Pow(1-gamma, size)},
		{"the last corner", h - 1, w - 1, gamma},
	} {
		dropped := 0.0
		for m := range n {
			if y[(m*h+c.row)*w+c.col] == 0 {
				dropped++
			}
		}
		wantWithin(t, "rate of "+c.name, dropped/n, c.want, 4*math.Sqrt(c.want*(1-c.want)/n))
	}
	mean, _ := moments(y)
	wantWithin(t, "mean", mean, 1, 1e-6) // exactly but for rounding: what is left is scaled by its count
}

// Large blocks begin less often than a draw of 16 bits can say: of 3073 positions one
// begins a block with probability 1-(1-γ)^3073.
func TestLargeBlocksAreDropped(t *testing.T) {
	const n, length, size, p = 2000, 4096, 1024, 0.005
	y := sample(t, dropBlock(regularize.DropBlock1D, p, size), graph.Shape{n, 1, length}, ones(n*length))
	const fits = length - size + 1
	want, hit := 1-math.Pow(1-p*length/(size*fits), fits), 0.0
	for m := range n {
		if slices.Contains(y[m*length:][:length], 0) {
			hit++
		}
	}
	wantWithin(t, "maps with a block", hit/n, want, 4*math.Sqrt(want*(1-want)/n))
}

// On channels-last memory, and on any number of threads, the same is dropped.
func TestDropBlockOnChannelsLastMemory(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	for _, opts := range [][]regularize.DropBlockOption{nil, {regularize.CoupleChannels()}} {
		sameOnChannelsLast(t, dropBlock(regularize.DropBlock2D, 0.3, 3, opts...), graph.Shape{5, 7, 9, 11})
	}
}

// sameOnChannelsLast compares what a net makes of x between two convolutions that
// change nothing, which want channels-last memory, with what it makes of x alone.
func sameOnChannelsLast(t *testing.T, f graph.Func, shape graph.Shape) {
	t.Helper()
	x := make([]float32, shape.TotalSize())
	for i := range x {
		x[i] = float32((i*i)%31 + 1)
	}
	identity := make([]float64, shape[1]*shape[1])
	for c := range shape[1] {
		identity[c*(shape[1]+1)] = 1
	}
	conv := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv2D(s, x, shape[1], 1, nodes.NoBias(), nodes.WeightInit(graph.Values(identity)))
	}
	want := slices.Clone(sample(t, f, shape, x))
	for _, threads := range []int{1, 4} {
		pool.SetThreads(threads)
		got := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return conv(s.In("after"), f(s, conv(s.In("before"), x)))
		}, shape, x)
		if !slices.Equal(got, want) {
			t.Errorf("%d threads: channels-last memory gives another result", threads)
		}
	}
}
