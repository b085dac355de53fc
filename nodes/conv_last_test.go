package nodes

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

func normal(r *rand.Rand, shape graph.Shape) *tensor.Dense {
	v := make([]float32, shape.TotalSize())
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(v))
}

// moved returns x, of shape (N, C, ...), with channels innermost in memory, or
// back.
func moved(x *tensor.Dense, last bool) *tensor.Dense {
	s := x.Shape()
	n, c, points := s[0], s[1], s[2:].TotalSize()
	y := make([]float32, len(x.Float32s()))
	if last {
		kernel.Permute(y, x.Float32s(), []int{n, c, points}, []int{0, 2, 1})
	} else {
		kernel.Permute(y, x.Float32s(), []int{n, points, c}, []int{0, 2, 1})
	}
	return tensor.New(tensor.WithShape(s.Clone()...), tensor.WithBacking(y))
}

// forward runs an op, by its steps if it has any.
func forward(t *testing.T, op graph.Op, in ...*tensor.Dense) *tensor.Dense {
	t.Helper()
	shapes := make([]graph.Shape, len(in))
	for i, d := range in {
		shapes[i] = d.Shape()
	}
	if s, ok := op.(graph.Splitter); ok {
		if parts := s.Split(true, shapes...); len(parts) > 0 {
			for _, part := range parts {
				args := make([]*tensor.Dense, len(part.In))
				for i, k := range part.In {
					args[i] = in[k]
				}
				in = append(in, forward(t, part.Op, args...))
			}
			return in[len(in)-1]
		}
	}
	shape, err := op.InferShape(shapes...)
	if err != nil {
		t.Fatal(err)
	}
	y := tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(make([]float32, shape.TotalSize())))
	if err := op.Forward(y, in...); err != nil {
		t.Fatal(err)
	}
	return y
}

// forwardLast runs the channels-last form of an op, on inputs and with an output
// that are as those of the op.
func forwardLast(t *testing.T, op graph.ChannelsLast, whole bool, in ...*tensor.Dense) *tensor.Dense {
	t.Helper()
	shapes := make([]graph.Shape, len(in))
	for i, d := range in {
		shapes[i] = d.Shape()
	}
	to := op.ChannelsLast(shapes...)
	if to.Op == nil {
		t.Fatalf("%v has no channels-last form", op)
	}
	args := make([]*tensor.Dense, len(in))
	for i, d := range in {
		if args[i] = d; to.In[i] {
			args[i] = moved(d, true)
		}
	}
	run := to.Op
	if whole {
		run = unsplit{run}
	}
	y := forward(t, run, args...)
	if to.Out {
		y = moved(y, false)
	}
	return y
}

// unsplit hides the steps of an op.
type unsplit struct{ graph.Op }

func sameNumbers(t *testing.T, name string, got, want *tensor.Dense) {
	t.Helper()
	if !got.Shape().Eq(want.Shape()) {
		t.Fatalf("%s has shape %v, want %v", name, got.Shape(), want.Shape())
	}
	// A few hundred products of numbers about 1, each rounded to 6e-8.
	const tolerance = 1e-4
	w := want.Float32s()
	for i, v := range got.Float32s() {
		if d := v - w[i]; !(d <= tolerance && -d <= tolerance) {
			t.Fatalf("%s[%d] is %v, want %v ± %v", name, i, v, w[i], tolerance)
		}
	}
}

// convOps returns a convolution with some options, and its inputs.
func convOps(t *testing.T, dims int, opts ...ConvOption) (conv, []*tensor.Dense) {
	t.Helper()
	c := &convolution{window: window{kernel: []int{3}}, affine: defaultAffine(), groups: 1}
	for _, opt := range opts {
		opt.conv(c)
	}
	x := graph.Shape{3, 4, 9, 8, 7}[:dims+2]
	op, err := c.op(x, 6)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	return op, []*tensor.Dense{normal(r, op.x), normal(r, op.w), normal(r, graph.Shape{6})}
}

func TestConvLast(t *testing.T) {
	for dims := 1; dims <= 3; dims++ {
		for _, opts := range [][]ConvOption{nil, {Pad(1)}, {Pad(2), Stride(2), Dilation(2), Groups(2)}} {
			op, in := convOps(t, dims, opts...)
			clamped, _ := op.withReLU()
			for _, op := range []graph.Op{op, clamped} {
				last := op.(graph.ChannelsLast)
				sameNumbers(t, "y", forwardLast(t, last, false, in...), forward(t, op, in...))
				sameNumbers(t, "y in one step", forwardLast(t, last, true, in...), forward(t, op, in...))
				sameNumbers(t, "y without bias", forwardLast(t, last, false, in[:2]...), forward(t, op, in[:2]...))
			}
			dy := normal(rand.New(rand.NewPCG(3, 4)), op.y)
			for _, c := range []struct {
				op graph.ChannelsLast
				in []*tensor.Dense
			}{
				{convGradX{op}, []*tensor.Dense{dy, in[1]}},
				{convGradW{op}, []*tensor.Dense{in[0], dy}},
				{biasGrad{axis: 1}, []*tensor.Dense{dy}},
			} {
				sameNumbers(t, c.op.String(), forwardLast(t, c.op, false, c.in...), forward(t, c.op, c.in...))
			}
		}
	}
}

func TestConvTransposeLast(t *testing.T) {
	for _, opts := range [][]ConvTransposeOption{nil, {Pad(1)}, {Pad(1), Stride(2), OutputPad(1), Groups(2)}} {
		c := &convTransposing{window: window{kernel: []int{3}}, affine: defaultAffine(), groups: 1}
		for _, opt := range opts {
			opt.convTranspose(c)
		}
		op, err := c.op(graph.Shape{2, 4, 5, 6}, 6)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		in := []*tensor.Dense{normal(r, op.of.y), normal(r, op.of.w), normal(r, graph.Shape{6})}
		clamped, _ := op.withReLU()
		for _, op := range []graph.Op{op, clamped} {
			sameNumbers(t, "y", forwardLast(t, op.(graph.ChannelsLast), false, in...), forward(t, op, in...))
			sameNumbers(t, "y without bias", forwardLast(t, op.(graph.ChannelsLast), false, in[:2]...), forward(t, op, in[:2]...))
		}
	}
}

func TestConvNorm(t *testing.T) {
	op, in := convOps(t, 2, Pad(1))
	r := rand.New(rand.NewPCG(5, 6))
	stats := normal(r, graph.Shape{2, 6})
	for i, v := range stats.Float32s()[6:] {
		stats.Float32s()[6+i] = v*v + 0.1
	}
	affine := []*tensor.Dense{stats, normal(r, graph.Shape{6}), normal(r, graph.Shape{6})}
	norm := normalize{of: channels(op.y), affine: channels(op.y), eps: 1e-5, constant: true}
	for _, inputs := range []int{2, 3} {
		for _, rest := range [][]*tensor.Dense{affine[:1], affine} {
			want := forward(t, norm, append([]*tensor.Dense{forward(t, op, in[:inputs]...)}, rest...)...)
			both, ok := norm.Absorb(0, op)
			if !ok {
				t.Fatal("the convolution is not absorbed")
			}
			all := append(in[:inputs:inputs], rest...)
			sameNumbers(t, "y", forward(t, both, all...), want)
			sameNumbers(t, "y channels-last", forwardLast(t, both.(graph.ChannelsLast), false, all...), want)
			sameNumbers(t, "y in one step", forwardLast(t, both.(graph.ChannelsLast), true, all...), want)

			clamped, _ := both.(activated).withReLU()
			want = forward(t, relu{}, want)
			sameNumbers(t, "max(y, 0)", forward(t, clamped, all...), want)
			sameNumbers(t, "max(y, 0) channels-last", forwardLast(t, clamped.(graph.ChannelsLast), false, all...), want)
		}
	}
	norm.constant = false
	if _, ok := norm.Absorb(0, op); ok {
		t.Error("absorbed by a normalisation with the statistics of the batch")
	}
}

func TestLinearNorm(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	stats := normal(r, graph.Shape{2, 6})
	for i, v := range stats.Float32s()[6:] {
		stats.Float32s()[6+i] = v*v + 0.1
	}
	rest := []*tensor.Dense{stats, normal(r, graph.Shape{6}), normal(r, graph.Shape{6})}
	for _, x := range []graph.Shape{{5, 20}, {5, 6, 20}} {
		w, of := graph.Shape{6, 20}, channels(graph.Shape{5, 6})
		if len(x) == 3 { // the channels are not what the map makes
			w = graph.Shape{1, 20}
		}
		in := []*tensor.Dense{normal(r, x), normal(r, w), normal(r, w[:1])}
		norm := normalize{of: of, affine: of, eps: 1e-5, constant: true}
		both, ok := norm.Absorb(0, linear{})
		if !ok {
			t.Fatal("the linear map is not absorbed")
		}
		clamped, _ := both.(activated).withReLU()
		for inputs := 2; inputs <= 3; inputs++ {
			all := append(in[:inputs:inputs], rest...)
			want := forward(t, norm, append([]*tensor.Dense{forward(t, linear{}, in[:inputs]...)}, rest...)...)
			sameNumbers(t, "y", forward(t, both, all...), want)
			sameNumbers(t, "y in one step", forward(t, unsplit{both}, all...), want)
			sameNumbers(t, "max(y, 0)", forward(t, clamped, all...), forward(t, relu{}, want))
		}
	}
}
