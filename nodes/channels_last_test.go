package nodes

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// raceDetector says that tests run under it, where a sync.Pool drops what it is
// given now and then.
var raceDetector bool

// poolingOps are poolings of x with their gradients.
func poolingOps(t *testing.T, x graph.Shape) map[string][2]graph.ChannelsLast {
	t.Helper()
	over := func(p pooling) pooled {
		of, err := p.over(x)
		if err != nil {
			t.Fatal(err)
		}
		return of
	}
	side := maxPool{over(pooling{window: window{kernel: []int{2}}})}
	overlap := maxPool{over(pooling{window: window{kernel: []int{3}, stride: []int{2}, pad: []int{1}, dilation: []int{2}}})}
	mean := avgPool{over(pooling{window: window{kernel: []int{3}, stride: []int{2}, pad: []int{1}}, ceil: true, countPad: true})}
	real := avgPool{over(pooling{window: window{kernel: []int{3}, stride: []int{2}, pad: []int{1}}, ceil: true})}
	adaptive := adaptiveAvgPool{
		maps: x[0] * x[1], in: extents{1, x[2], x[3]}, out: extents{1, 3, 2},
		x: x, y: graph.Shape{x[0], x[1], 3, 2},
	}
	global := adaptiveAvgPool{
		maps: x[0] * x[1], in: extents{1, 1, x[2] * x[3]}, out: extents{1, 1, 1},
		x: x, y: graph.Shape{x[0], x[1]},
	}
	ranks := rankPool{overlap.pooled, []float64{0.5, 0.25, 0, -1}, overlap.g.Windows(1)}
	return map[string][2]graph.ChannelsLast{
		"ranks": {ranks, rankPoolGrad{ranks}},
		"max 2": {side, maxPoolGrad{side}}, "max 3": {overlap, maxPoolGrad{overlap}},
		"avg": {mean, avgPoolGrad{mean}}, "avg of real elements": {real, avgPoolGrad{real}},
		"adaptive": {adaptive, adaptiveAvgPoolGrad{adaptive}}, "global": {global, adaptiveAvgPoolGrad{global}},
	}
}

func TestPoolingChannelsLast(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := normal(r, graph.Shape{2, 5, 8, 9})
	for name, ops := range poolingOps(t, x.Shape()) {
		want := forward(t, ops[0], x)
		in := []*tensor.Dense{normal(r, want.Shape())}
		switch ops[1].(type) {
		case maxPoolGrad, rankPoolGrad:
			in = append([]*tensor.Dense{x}, in...)
		}
		wantGrad := forward(t, ops[1], in...)
		if len(want.Shape()) > 2 { // the layouts of (N, C) are one
			sameNumbers(t, name, forwardLast(t, ops[0], false, x), want)
			sameNumbers(t, name+" gradient", forwardLast(t, ops[1], false, in...), wantGrad)
			continue
		}
		y := forward(t, ops[0].ChannelsLast(x.Shape()).Op, moved(x, true))
		sameNumbers(t, name, y, want)
		dx := forward(t, ops[1].ChannelsLast(in[0].Shape()).Op, in...)
		sameNumbers(t, name+" gradient", moved(dx, false), wantGrad)
	}
}

// normalization returns batch norm's op for x, and its inputs.
func normalization(r *rand.Rand, x *tensor.Dense) (normalize, []*tensor.Dense, *tensor.Dense) {
	of := channels(x.Shape())
	op := normalize{of: of, affine: of, eps: 1e-5}
	stats := make([]float32, 2*of.Groups)
	kernel.Moments(stats, x.Float32s(), of)
	c := graph.Shape{of.Groups}
	in := []*tensor.Dense{x, tensor.New(tensor.WithShape(2, of.Groups), tensor.WithBacking(stats)), normal(r, c), normal(r, c)}
	return op, in, normal(r, x.Shape())
}

func TestNormalizeChannelsLast(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := normal(r, graph.Shape{4, 5, 6, 3})
	op, in, dy := normalization(r, x)
	sameNumbers(t, "moments", forwardLast(t, moments{op.of}, false, x), forward(t, moments{op.of}, x))
	for _, affine := range []int{2, 4} {
		in := in[:affine:affine]
		sameNumbers(t, "y", forwardLast(t, op, false, in...), forward(t, op, in...))
		of := normalizing{of: op}
		given := append([]*tensor.Dense{x, in[1], dy}, in[2:]...)
		sums := forward(t, normalizeSums{of}, given...)
		sameNumbers(t, "sums", forwardLast(t, normalizeSums{of}, false, given...), sums)
		given = append(given, sums)
		sameNumbers(t, "dx", forwardLast(t, normalizeGrad{of}, false, given...), forward(t, normalizeGrad{of}, given...))
	}
	if to := (normalize{of: kernel.Layout{Outer: 1, Groups: 20, Inner: 18}, affine: op.of}).ChannelsLast(x.Shape()); to.Op != nil {
		t.Error("instance norm has a channels-last form")
	}
}

// A ReLU behind a normalisation is computed with it, forward and backward, by both
// parts of the gradient and in either order of memory.
func TestNormalizeAbsorbsReLU(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	x := normal(r, graph.Shape{4, 5, 6, 3})
	op, in, dy := normalization(r, x)
	both, ok := relu{}.Absorb(0, op)
	if !ok {
		t.Fatal("a ReLU does not absorb a normalisation")
	}
	y := forward(t, relu{}, forward(t, op, in...))
	sameNumbers(t, "y", forward(t, both, in...), y)
	sameNumbers(t, "y channels-last", forwardLast(t, both.(graph.ChannelsLast), false, in...), y)

	of := normalizing{of: op, y: 7}
	behind := forward(t, reluGrad{7}, y, dy)
	given := append([]*tensor.Dense{x, in[1], behind}, in[2:]...)
	sums := forward(t, normalizeSums{of}, given...)
	dx := forward(t, normalizeGrad{of}, append(given, sums)...)
	given = append([]*tensor.Dense{x, in[1], y, dy}, in[2:]...)
	for _, c := range []struct {
		op   graph.Absorber
		in   []*tensor.Dense
		want *tensor.Dense
	}{{normalizeSums{of}, given, sums}, {normalizeGrad{of}, append(given, sums), dx}} {
		whole, ok := c.op.Absorb(2, reluGrad{7})
		if !ok {
			t.Fatalf("%v does not absorb the gradient of its ReLU", c.op)
		}
		sameNumbers(t, c.op.String(), forward(t, whole, c.in...), c.want)
		sameNumbers(t, c.op.String()+" channels-last", forwardLast(t, whole.(graph.ChannelsLast), false, c.in...), c.want)
		if _, ok := c.op.Absorb(2, reluGrad{8}); ok {
			t.Errorf("%v absorbs the gradient of another ReLU", c.op)
		}
		if _, ok := whole.(graph.Absorber).Absorb(3, reluGrad{7}); ok {
			t.Errorf("%v absorbs a second ReLU", c.op)
		}
	}
}

func TestNormAndPoolAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	r := rand.New(rand.NewPCG(5, 6))
	x := normal(r, graph.Shape{4, 5, 8, 9})
	op, in, dy := normalization(r, x)
	count := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int64{7}))
	of := normalizing{of: op}
	given := append([]*tensor.Dense{x, in[1], dy}, in[2:]...)
	sums := forward(t, normalizeSums{of}, given...)
	type call struct {
		op graph.Op
		in []*tensor.Dense
	}
	calls := []call{
		{moments{op.of}, in[:1]}, {op, in}, {normalizeSums{of}, given}, {normalizeGrad{of}, append(given, sums)},
		{track{parts: ghosts{4, 4}, values: 72, momentum: 0.1}, []*tensor.Dense{in[2], in[1], count}}, {stack{}, in[2:]},
		{pick{0, graph.Shape{5}}, []*tensor.Dense{sums}},
	}
	for _, ops := range poolingOps(t, x.Shape()) {
		d := []*tensor.Dense{forward(t, ops[0], x)}
		switch ops[1].(type) {
		case maxPoolGrad, rankPoolGrad:
			d = append([]*tensor.Dense{x}, d...)
		}
		calls = append(calls, call{ops[0], []*tensor.Dense{x}}, call{ops[1], d})
	}
	for _, c := range calls {
		shapes := make([]graph.Shape, len(c.in))
		for i, d := range c.in {
			shapes[i] = d.Shape()
		}
		ops := []graph.Op{c.op}
		if last, ok := c.op.(graph.ChannelsLast); ok {
			ops = append(ops, last.ChannelsLast(shapes...).Op)
		}
		for _, op := range ops {
			y := forward(t, op, c.in...)
			if n := testing.AllocsPerRun(20, func() {
				if err := op.Forward(y, c.in...); err != nil {
					t.Fatal(err)
				}
			}); n >= 1 {
				t.Errorf("%v: %v allocations, want 0", op, n)
			}
		}
	}
}
