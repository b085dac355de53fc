package convlast

import (
	"testing"

	"github.com/thinnet/thinnet/internal/kernel"
)

// No slice that is too short comes to the assembly.
func TestShortSlicesPanic(t *testing.T) {
	for _, g := range []kernel.Conv{
		square(2, 5, 7, 1, 6, 3, 2, 1),
		square(2, 5, 5, 5, 6, 3, 1, 1),
		square(8, 20, 36, 1, 18, 3, 1, 1),
		line1D(9, 40, 45, 30),
	} {
		c, in := New(g, true), operandsOf(g)
		forward, backward := make([]float32, c.ForwardSize()), make([]float32, c.BackwardSize())
		for name, f := range map[string]struct {
			run      func(s [][]float32)
			operands [][]float32
		}{
			"PackForward":  {func(s [][]float32) { c.PackForward(s[0], s[1]) }, [][]float32{forward, in.w}},
			"PackBackward": {func(s [][]float32) { c.PackBackward(s[0], s[1]) }, [][]float32{backward, in.w}},
			"Forward": {func(s [][]float32) { c.Forward(s[0], s[1], s[2], s[3], true) },
				[][]float32{in.dy, in.x, forward, in.bias}},
			"Transposed": {func(s [][]float32) { c.Transposed(s[0], s[1], s[2], s[3], true) },
				[][]float32{in.x, in.dy, backward, in.biasx}},
			"BackwardWeights": {func(s [][]float32) { c.BackwardWeights(s[0], s[1], s[2]) },
				[][]float32{in.w, in.x, in.dy}},
		} {
			f.run(f.operands)
			for i := range f.operands {
				short := append([][]float32{}, f.operands...)
				short[i] = short[i][:len(short[i])-1] // its array would do
				if panicked(func() { f.run(short) }) == nil {
					t.Errorf("%+v: %s takes a slice %d that is too short", g, name, i)
				}
			}
		}
	}
}

func panicked(f func()) (reason any) {
	defer func() { reason = recover() }()
	f()
	return nil
}

// No call of a depthwise loop is long.
func TestDepthwiseCallsAreBounded(t *testing.T) {
	g := kernel.Conv{
		N: 1, C: 256, OC: 256, Groups: 256, In: [3]int{1, 1, 519}, Kernel: [3]int{1, 1, 500}, Out: [3]int{1, 1, 20},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}
	d := New(g, false).forward.(*depthwisePass)
	for _, l := range d.lines {
		if products := l.n * len(d.taps[l.box]) * g.C; products > longestSums {
			t.Errorf("a call takes %d products", products)
		}
	}
	check(t, g, New(g, false))
}
