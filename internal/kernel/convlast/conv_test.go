package convlast

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// square is a 2-D convolution of square images.
func square(n, c, oc, groups, size, kernelSize, stride, pad int) kernel.Conv {
	out := (size+2*pad-kernelSize)/stride + 1
	return kernel.Conv{
		N: n, C: c, OC: oc, Groups: groups,
		In: [3]int{1, size, size}, Kernel: [3]int{1, kernelSize, kernelSize}, Out: [3]int{1, out, out},
		Stride: [3]int{1, stride, stride}, Pad: [3]int{0, pad, pad}, Dilation: [3]int{1, 1, 1},
	}
}

var cases = []struct {
	name string
	g    kernel.Conv
}{
	{"pointwise", square(3, 5, 7, 1, 6, 1, 1, 0)},
	{"pointwise, stride 2", square(3, 5, 7, 1, 6, 1, 2, 0)},
	{"pointwise, padded", square(2, 3, 4, 1, 5, 1, 1, 1)},
	{"pointwise, groups", square(2, 40, 80, 2, 5, 1, 1, 0)},
	{"pointwise, of a corner", kernel.Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 4, 5}, Kernel: [3]int{1, 1, 1}, Out: [3]int{1, 3, 2},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"3x3", square(3, 4, 5, 1, 9, 3, 1, 1)},
	{"3x3, several panels", square(2, 33, 70, 1, 17, 3, 1, 1)},
	{"3x3, stride 2", square(2, 4, 5, 1, 9, 3, 2, 1)},
	{"3x3, groups", square(2, 6, 9, 3, 7, 3, 1, 1)},
	{"5x5 of one channel", square(3, 1, 32, 1, 28, 5, 1, 2)},
	{"3x3 of three channels", square(3, 3, 20, 1, 15, 3, 1, 1)},
	{"2x2, stride 3", square(2, 3, 4, 1, 11, 2, 3, 0)},
	{"one output", square(3, 4, 5, 1, 3, 3, 1, 0)},
	{"one output of many samples", square(40, 4, 5, 1, 3, 3, 1, 0)},
	{"kernel larger than input", square(2, 2, 3, 1, 2, 5, 1, 2)},
	{"no samples", square(0, 2, 3, 1, 4, 3, 1, 1)},
	{"no outputs", kernel.Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 1, 2}, Kernel: [3]int{1, 1, 3},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"partial sums of weights", square(40, 3, 4, 1, 12, 3, 1, 1)},
	{"1-D, long line", kernel.Conv{
		N: 2, C: 3, OC: 4, Groups: 1, In: [3]int{1, 1, 700}, Kernel: [3]int{1, 1, 5}, Out: [3]int{1, 1, 696},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"1-D, very long line", kernel.Conv{
		N: 1, C: 1, OC: 2, Groups: 1, In: [3]int{1, 1, 20000}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, 20000},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 0, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"1-D, causal, dilated", kernel.Conv{
		N: 3, C: 4, OC: 4, Groups: 2, In: [3]int{1, 1, 20}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, 20},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 0, 8}, Dilation: [3]int{1, 1, 4},
	}},
	{"2-D, nothing square", kernel.Conv{
		N: 2, C: 3, OC: 4, Groups: 1, In: [3]int{1, 11, 8}, Kernel: [3]int{1, 3, 2}, Out: [3]int{1, 6, 7},
		Stride: [3]int{1, 2, 1}, Pad: [3]int{0, 2, 1}, Dilation: [3]int{1, 1, 2},
	}},
	{"3-D", kernel.Conv{
		N: 2, C: 3, OC: 4, Groups: 1, In: [3]int{4, 5, 6}, Kernel: [3]int{2, 3, 3}, Out: [3]int{5, 3, 3},
		Stride: [3]int{1, 2, 2}, Pad: [3]int{1, 1, 0}, Dilation: [3]int{1, 1, 1},
	}},
	{"inputs that no output sees", kernel.Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 9, 9}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 2, 2},
		Stride: [3]int{1, 3, 3}, Dilation: [3]int{1, 1, 1},
	}},
	{"outputs that see only padding", kernel.Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 3, 3}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 9, 9},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 4, 3}, Dilation: [3]int{1, 1, 1},
	}},
	{"cropped", kernel.Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 8, 8}, Kernel: [3]int{1, 3, 3}, Out: [3]int{1, 4, 4},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, -2, -1}, Dilation: [3]int{1, 1, 1},
	}},
	{"depthwise", square(3, 5, 5, 5, 8, 3, 1, 1)},
	{"depthwise, many channels", square(2, 45, 45, 45, 9, 3, 1, 1)},
	{"depthwise, stride 2", square(3, 20, 20, 20, 9, 3, 2, 1)},
	{"depthwise, three outputs to a channel", square(2, 4, 12, 4, 6, 3, 1, 1)},
	{"depthwise, wide kernel", square(2, 17, 17, 17, 30, 7, 1, 3)},
	{"depthwise, 3-D", kernel.Conv{
		N: 2, C: 18, OC: 18, Groups: 18, In: [3]int{4, 5, 6}, Kernel: [3]int{2, 3, 3}, Out: [3]int{5, 3, 3},
		Stride: [3]int{1, 2, 2}, Pad: [3]int{1, 1, 0}, Dilation: [3]int{1, 1, 1},
	}},
}

func TestLineWinogradOfNothing(t *testing.T) {
	g := line1D(3, 40, 45, 0)
	g.Pad[2], g.Out[2] = 5, 8
	check(t, g, New(g, true))
}

func TestConv(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { check(t, c.g, New(c.g, false)) })
		}
	})
}

func TestLineWinograd(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, length := range []int{8, 9, 30} {
			for pad := -1; pad <= 3; pad++ {
				for after := -1; after <= 3; after++ {
					g := line1D(9, 40, 45, length)
					g.Pad[2], g.Out[2] = pad, length-2+pad+after
					c := New(g, true)
					if _, direct := c.forward.(*pass); direct && g.Out[2] >= 8 {
						t.Errorf("%+v: y is computed directly", g)
					}
					s, _ := lineOf(g)
					c.weights = &lineWeights{newWeights(g), s}
					check(t, g, c)
				}
			}
		}
	})
}

func TestWinograd(t *testing.T) {
	images, wide := square(8, 20, 36, 1, 18, 3, 1, 1), square(8, 20, 36, 1, 18, 5, 1, 2)
	slices3D := images
	slices3D.N, slices3D.In[0], slices3D.Out[0] = 2, 4, 4
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, g := range []kernel.Conv{images, wide, slices3D} {
			c := New(g, true)
			if _, direct := c.forward.(*pass); direct {
				t.Errorf("%+v: y is computed directly", g)
			}
			if _, direct := c.weights.(*weights); direct {
				t.Errorf("%+v: dw is computed directly", g)
			}
			check(t, g, c)
		}
	})
}

// numbers returns n of the standard normal distribution.
func numbers[T kernel.Float](n int, seed uint64) []T {
	r := rand.New(rand.NewPCG(seed, 1))
	s := make([]T, n)
	for i := range s {
		s[i] = T(float32(r.NormFloat64()))
	}
	return s
}

func converted[To, From kernel.Float](s []From) []To {
	to := make([]To, len(s))
	for i, v := range s {
		to[i] = To(v)
	}
	return to
}

// fence is how many numbers lie around every operand: NaN, which no kernel may
// make use of nor write over.
const fence = 67

// fenced returns a copy of s between fences, not aligned to a vector.
func fenced(s []float32) []float32 {
	all := make([]float32, len(s)+2*fence)
	for i := range all {
		all[i] = float32(math.NaN())
	}
	copy(all[fence:], s)
	return all[fence : fence+len(s)]
}

// unwritten returns n numbers between fences, NaN too.
func unwritten(n int) []float32 { return fenced(slices.Repeat([]float32{float32(math.NaN())}, n)) }

// intact reports whether the fences around s stand.
func intact(s []float32) bool {
	all := unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), -4*fence)), len(s)+2*fence)
	for i := range fence {
		if all[i] == all[i] || all[len(all)-1-i] == all[len(all)-1-i] {
			return false
		}
	}
	return true
}

// last returns x, of shape (n, c, points), with channels innermost.
func last[T kernel.Float](x []T, n, c, points int) []T {
	y := make([]T, len(x))
	kernel.Permute(y, x, []int{n, c, points}, []int{0, 2, 1})
	return y
}

// results are those of the three functions, and of a layer with bias and ReLU.
type results struct{ y, dx, dw, z, tr []float32 }

type operands struct{ x, w, dy, bias, biasx []float32 }

func operandsOf(g kernel.Conv) operands {
	return operands{
		numbers[float32](g.N*g.C*volume(g.In), 1),
		numbers[float32](g.OC*g.C/g.Groups*volume(g.Kernel), 2),
		numbers[float32](g.N*g.OC*volume(g.Out), 3),
		numbers[float32](g.OC, 4),
		numbers[float32](g.C, 5),
	}
}

// compute takes and returns memory with channels innermost.
func compute(t *testing.T, c *Conv, in operands) results {
	t.Helper()
	x, w, dy, bias, biasx := fenced(in.x), fenced(in.w), fenced(in.dy), fenced(in.bias), fenced(in.biasx)
	r := results{unwritten(len(dy)), unwritten(len(x)), unwritten(len(w)), unwritten(len(dy)), unwritten(len(x))}
	forward, backward := unwritten(c.ForwardSize()), unwritten(c.BackwardSize())
	c.PackForward(forward, w)
	c.PackBackward(backward, w)
	c.Forward(r.y, x, forward, nil, false)
	c.Forward(r.z, x, forward, bias, true)
	c.Transposed(r.dx, dy, backward, nil, false)
	c.Transposed(r.tr, dy, backward, biasx, true)
	c.BackwardWeights(r.dw, x, dy)
	for i, s := range [][]float32{r.y, r.dx, r.dw, r.z, r.tr, forward, backward} {
		if !intact(s) {
			t.Fatalf("wrote outside of %s", []string{"y", "dx", "dw", "y", "dx", "packed", "packed"}[i])
		}
	}
	return r
}

// check compares with the definition in float64.
func check(t *testing.T, g kernel.Conv, c *Conv) {
	t.Helper()
	in := operandsOf(g)
	points, size := volume(g.Out), volume(g.In)
	x, w, dy := converted[float64](in.x), converted[float64](in.w), converted[float64](in.dy)
	y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
	kernel.ConvForward(&g, y, x, w)
	kernel.ConvBackwardData(&g, dx, dy, w)
	kernel.ConvBackwardWeights(&g, dw, x, dy)
	z, tr := make([]float64, len(y)), make([]float64, len(x))
	for i, v := range y {
		z[i] = max(0, v+float64(in.bias[i/points%g.OC]))
	}
	for i, v := range dx {
		tr[i] = max(0, v+float64(in.biasx[i/size%g.C]))
	}
	in.x, in.dy = last(in.x, g.N, g.C, size), last(in.dy, g.N, g.OC, points)
	got := compute(t, c, in)

	taps := volume(g.Kernel)
	expect(t, g, "y", got.y, last(y, g.N, g.OC, points), taps*g.C/g.Groups)
	expect(t, g, "y with bias and ReLU", got.z, last(z, g.N, g.OC, points), taps*g.C/g.Groups)
	expect(t, g, "dx", got.dx, last(dx, g.N, g.C, size), taps*g.OC/g.Groups)
	expect(t, g, "dx with bias and ReLU", got.tr, last(tr, g.N, g.C, size), taps*g.OC/g.Groups)
	expect(t, g, "dw", got.dw, dw, g.N*points)
}

// expect allows each of the terms, products of two numbers of size 1, a rounding
// of the sum so far, which is about √terms: 4·terms·ε in all is generous. It is
// enough for Winograd's method too, whose errors are some ten times those of the
// definition.
func expect(t *testing.T, g kernel.Conv, name string, got []float32, want []float64, terms int) {
	t.Helper()
	tolerance := float64(terms+4) * 4 / (1 << 23)
	for i, v := range want {
		if d := float64(got[i]) - v; !(d <= tolerance && -d <= tolerance) {
			t.Fatalf("%+v: %s[%d] is %v, want %v ± %.1g", g, name, i, got[i], v, tolerance)
		}
	}
}

// geometry reads a small convolution from bytes; missing ones are zero.
func geometry(data []byte) kernel.Conv {
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	g := kernel.Conv{N: next(4), Groups: 1 + next(4)}
	g.C, g.OC = g.Groups*(1+next(20)), g.Groups*(1+next(36))
	if next(5) == 0 {
		g.Groups = g.C
		g.OC = g.C * (1 + next(3))
	}
	for a := range 3 {
		g.In[a], g.Kernel[a], g.Out[a] = 1+next(9), 1+next(4), next(9)
		g.Stride[a], g.Pad[a], g.Dilation[a] = 1+next(3), next(8)-2, 1+next(3)
	}
	return g
}

func FuzzConv(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		data := make([]byte, 24)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g := geometry(data)
		for _, winograd := range []bool{false, true} {
			check(t, g, New(g, winograd))
		}
	})
}

// TestThreads: the bits depend on the number of threads in no way.
func TestThreads(t *testing.T) {
	defer pool.SetThreads(pool.Threads())
	for _, g := range []kernel.Conv{
		square(40, 16, 32, 1, 14, 3, 1, 1),
		square(1, 64, 96, 1, 14, 3, 1, 1),
		square(9, 24, 24, 3, 14, 3, 2, 1),
		square(9, 24, 24, 24, 14, 3, 1, 1),
	} {
		c, in := New(g, false), operandsOf(g)
		pool.SetThreads(1)
		want := compute(t, c, in)
		for _, n := range []int{2, 5} {
			pool.SetThreads(n)
			got := compute(t, c, in)
			if !slices.Equal(got.y, want.y) || !slices.Equal(got.dx, want.dx) || !slices.Equal(got.dw, want.dw) {
				t.Errorf("%+v: %d threads give other bits than one", g, n)
			}
		}
	}
}

// TestNoAllocations: memory comes from earlier calls.
func TestNoAllocations(t *testing.T) {
	for _, g := range []kernel.Conv{square(8, 16, 32, 1, 14, 3, 2, 1), square(8, 32, 32, 32, 14, 3, 1, 1)} {
		c, in := New(g, false), operandsOf(g)
		forward, backward := make([]float32, c.ForwardSize()), make([]float32, c.BackwardSize())
		n := testing.AllocsPerRun(50, func() {
			c.PackForward(forward, in.w)
			c.PackBackward(backward, in.w)
			c.Forward(in.dy, in.x, forward, in.bias, true)
			c.Transposed(in.x, in.dy, backward, nil, false)
			c.BackwardWeights(in.w, in.x, in.dy)
		})
		if n >= 1 {
			t.Errorf("%+v: %v allocations, want 0", g, n)
		}
	}
}
