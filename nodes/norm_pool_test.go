package nodes

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// channelMask is a [graph.Masking] op, as package regularize has it.
type channelMask struct{}

func (channelMask) String() string { return "ChannelMask" }

func (channelMask) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (channelMask) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	shapes := [2]graph.Shape{in[0].Shape(), in[1].Shape()}
	return graph.Run(shapes, y, in, maskChannels[float32], maskChannels[float64])
}

func maskChannels[T kernel.Float](shapes [2]graph.Shape, y []T, in [][]T) {
	kernel.MaskBroadcast(y, in[0], in[1], shapes[0], shapes[1])
}

func (channelMask) MasksFirstInput() {}

func (op channelMask) HasGradient(input int) bool { return input == 0 }

func (op channelMask) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("ChannelMaskGrad").Apply(op, dy, in[1]), nil}
}

// In one pass over channels-last memory and in steps, the numbers are the same.
func TestNormPool(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	x := normal(r, graph.Shape{4, 5, 7, 6})
	norm, in, _ := normalization(r, x)
	norm.relu = true
	of, err := (&pooling{window: window{kernel: []int{2}}}).over(x.Shape())
	if err != nil {
		t.Fatal(err)
	}
	factors := tensor.New(tensor.WithShape(4, 5, 1, 1), tensor.WithBacking(make([]float32, 20)))
	for i := range factors.Float32s() {
		factors.Float32s()[i] = float32(r.IntN(3))
	}
	dy := normal(r, of.y)
	for _, affine := range []bool{false, true} {
		for _, mask := range []graph.Op{nil, channelMask{}} {
			op := normPool{norm: norm, affine: affine, mask: mask, pool: maxPool{of}}
			in := in[:2:2]
			if affine {
				in = append(in, normal(r, graph.Shape{5}), normal(r, graph.Shape{5}))
			}
			if mask != nil {
				in = append(in, factors)
			}
			sameNumbers(t, op.String(), forwardLast(t, op, true, in...), forward(t, op, in...))
			in = append(in, dy)
			sums := forward(t, normPoolSums{op}, in...)
			sameNumbers(t, "sums of "+op.String(), forwardLast(t, normPoolSums{op}, true, in...), sums)
			in = append(in, sums)
			sameNumbers(t, "gradient of "+op.String(), forwardLast(t, normPoolGrad{op}, true, in...), forward(t, normPoolGrad{op}, in...))
		}
	}
}

// blocks are what a normPool is for, and what it must keep its hands off.
var blocks = map[string]struct {
	fused bool
	f     func(s *graph.Scope, x *graph.Node) *graph.Node
}{
	"block": {true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return MaxPool2D(ReLU(BatchNorm2D(s.In("bn"), x)), 2)
	}},
	"no affine": {true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return MaxPool2D(ReLU(BatchNorm2D(s.In("bn"), x, NoAffine())), 2)
	}},
	"mask": {true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(BatchNorm2D(s.In("bn"), x))
		k := s.State("factors", graph.Shape{x.Dim(0), x.Dim(1), 1, 1}, graph.Constant(2))
		return MaxPool2D(s.In("mask").Apply(channelMask{}, x, k), 2)
	}},
	"used twice": {true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = ReLU(BatchNorm2D(s.In("bn"), x))
		return Add(MaxPool2D(x, 2), AvgPool2D(x, 2))
	}},
	"overlapping windows": {false, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return MaxPool2D(ReLU(BatchNorm2D(s.In("bn"), x)), 3, Stride(2))
	}},
	"no ReLU": {false, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return MaxPool2D(BatchNorm2D(s.In("bn"), x), 2)
	}},
	"instance norm": {false, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return MaxPool2D(ReLU(GroupNorm(s.In("gn"), x, x.Dim(1))), 2)
	}},
}

var images8 = graph.Shape{4, 3, 8, 8}

// The gradients of a network in float32, where ops are merged, are those in float64,
// where they are not.
func TestNormPoolInNetworks(t *testing.T) {
	for name, b := range blocks {
		fused := false
		net := func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = Conv2D(s.In("conv"), x, 6, 3, Pad(1))
			y := b.f(s, x)
			for n, queue := y, []*graph.Node{}; n != nil; {
				op, in := n.Made()
				_, is := op.(normPool)
				fused = fused || is
				if queue = append(queue, in...); len(queue) == 0 {
					break
				}
				n, queue = queue[0], queue[1:]
			}
			return Linear(s.In("fc"), Flatten(y), 3)
		}
		loss, grads := step(t, net, images8)
		if fused != b.fused {
			t.Errorf("%s: merged %v, want %v", name, fused, b.fused)
		}
		want, wantGrads := step(t, net, images8, graph.Float64())
		nearNumbers(t, name+": loss", []float64{loss}, []float64{want})
		for k, g := range wantGrads {
			nearNumbers(t, name+": gradient of "+k, grads[k], g)
		}
	}
}

// The gradient of a ReLU that is pooled is taken of the maxima. A leaky ReLU changes
// nothing between the two, but keeps them apart.
func TestPooledReLU(t *testing.T) {
	net := func(between func(*graph.Node) *graph.Node) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = ReLU(Conv2D(s.In("conv"), x, 6, 3, Pad(1)))
			return Linear(s.In("fc"), Flatten(MaxPool2D(between(x), 3, Stride(2), Pad(1))), 3)
		}
	}
	_, got := step(t, net(func(x *graph.Node) *graph.Node { return x }), images8, graph.Float64())
	_, want := step(t, net(func(x *graph.Node) *graph.Node { return LeakyReLU(x) }), images8, graph.Float64())
	for name, g := range want {
		if !slices.Equal(got[name], g) {
			t.Errorf("gradient of %s is %v, want %v", name, got[name], g)
		}
	}
}
