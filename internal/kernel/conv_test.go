package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

var convCases = []struct {
	name string
	g    Conv
}{
	{"pointwise", square(3, 5, 7, 1, 6, 1, 1, 0)},
	{"pointwise, stride 2", square(3, 5, 7, 1, 6, 1, 2, 0)},
	{"pointwise, padded", square(2, 3, 4, 1, 5, 1, 1, 1)},
	{"pointwise, shifted", Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 4, 5}, Kernel: [3]int{1, 1, 1}, Out: [3]int{1, 4, 5},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 1, 0}, Dilation: [3]int{1, 1, 1},
	}},
	{"pointwise, of a corner", Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 4, 5}, Kernel: [3]int{1, 1, 1}, Out: [3]int{1, 3, 2},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"3x3", square(3, 4, 5, 1, 9, 3, 1, 1)},
	{"3x3, stride 2", square(2, 4, 5, 1, 9, 3, 2, 1)},
	{"3x3, groups", square(2, 6, 9, 3, 7, 3, 1, 1)},
	{"depthwise", square(3, 5, 5, 5, 8, 3, 1, 1)},
	{"depthwise, stride 2", square(3, 5, 5, 5, 8, 3, 2, 1)},
	{"depthwise, three outputs to a channel", square(2, 4, 12, 4, 6, 3, 1, 1)},
	{"depthwise, four outputs to a channel", square(2, 4, 16, 4, 6, 3, 1, 1)},
	{"one output", square(3, 4, 5, 1, 3, 3, 1, 0)},
	{"kernel larger than input", square(2, 2, 3, 1, 2, 5, 1, 2)},
	{"no samples", square(0, 2, 3, 1, 4, 3, 1, 1)},
	{"no outputs", Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 1, 2}, Kernel: [3]int{1, 1, 3},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"several panels and blocks", square(3, 15, 132, 1, 8, 3, 1, 1)},
	{"partial sums of weights", square(40, 3, 4, 1, 12, 3, 1, 1)},
	{"more taps than a panel has rows", square(2, 2, 3, 1, 14, 13, 1, 6)},
	{"1-D, long line", Conv{
		N: 2, C: 3, OC: 4, Groups: 1, In: [3]int{1, 1, 700}, Kernel: [3]int{1, 1, 5}, Out: [3]int{1, 1, 696},
		Stride: [3]int{1, 1, 1}, Dilation: [3]int{1, 1, 1},
	}},
	{"1-D, causal, dilated", Conv{
		N: 3, C: 4, OC: 4, Groups: 2, In: [3]int{1, 1, 20}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, 20},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 0, 8}, Dilation: [3]int{1, 1, 4},
	}},
	{"2-D, nothing square", Conv{
		N: 2, C: 3, OC: 4, Groups: 1, In: [3]int{1, 11, 8}, Kernel: [3]int{1, 3, 2}, Out: [3]int{1, 6, 7},
		Stride: [3]int{1, 2, 1}, Pad: [3]int{0, 2, 1}, Dilation: [3]int{1, 1, 2},
	}},
	{"3-D", Conv{
		N: 2, C: 3, OC: 4, Groups: 1, In: [3]int{4, 5, 6}, Kernel: [3]int{2, 3, 3}, Out: [3]int{5, 3, 3},
		Stride: [3]int{1, 2, 2}, Pad: [3]int{1, 1, 0}, Dilation: [3]int{1, 1, 1},
	}},
	{"inputs that no output sees", Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 9, 9}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 2, 2},
		Stride: [3]int{1, 3, 3}, Dilation: [3]int{1, 1, 1},
	}},
	{"outputs that see only padding", Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 3, 3}, Kernel: [3]int{1, 2, 2}, Out: [3]int{1, 9, 9},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 4, 3}, Dilation: [3]int{1, 1, 1},
	}},
	{"cropped", Conv{
		N: 2, C: 2, OC: 3, Groups: 1, In: [3]int{1, 8, 8}, Kernel: [3]int{1, 3, 3}, Out: [3]int{1, 4, 4},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, -2, -1}, Dilation: [3]int{1, 1, 1},
	}},
}

func TestConv(t *testing.T) {
	for _, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			checkConv[float64](t, &c.g)
			checkConv[float32](t, &c.g)
		})
	}
	t.Run("element type unknown to gonum", func(t *testing.T) {
		g := square(3, 4, 5, 1, 9, 3, 1, 1)
		checkConv[defined](t, &g)
	})
}

// TestConvKnown is worked by hand; a flipped kernel would give other numbers.
func TestConvKnown(t *testing.T) {
	g := square(1, 1, 1, 1, 3, 2, 1, 0)
	x, w, y := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, []float32{1, 2, 3, 4}, make([]float32, 4)
	ConvForward(&g, y, x, w)
	if want := []float32{37, 47, 67, 77}; !slices.Equal(y, want) {
		t.Errorf("y is %v, want %v", y, want)
	}
	g = square(1, 1, 1, 1, 3, 3, 2, 1)
	w = []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	ConvForward(&g, y, x, w)
	if want := []float32{94, 106, 106, 94}; !slices.Equal(y, want) {
		t.Errorf("with stride 2 and padding, y is %v, want %v", y, want)
	}
}

// TestConvAdjoint compares three numbers that are equal in exact arithmetic.
func TestConvAdjoint(t *testing.T) {
	dot := func(a, b []float64) (product, norm float64) {
		for i := range a {
			product += a[i] * b[i]
			norm += math.Abs(a[i] * b[i])
		}
		return product, norm
	}
	for _, c := range convCases {
		x, w, dy := convBuffers[float64](&c.g)
		y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
		ConvForward(&c.g, y, x, w)
		ConvBackwardData(&c.g, dx, dy, w)
		ConvBackwardWeights(&c.g, dw, x, dy)
		want, norm := dot(y, dy)
		// Thousands of roundings of 1e-16, relative to the sum of magnitudes.
		tolerance := 1e-12 * norm
		if got, _ := dot(x, dx); !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s: ⟨x, dx⟩ is %v, ⟨y, dy⟩ is %v, tolerance %.1g", c.name, got, want, tolerance)
		}
		if got, _ := dot(w, dw); !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s: ⟨w, dw⟩ is %v, ⟨y, dy⟩ is %v, tolerance %.1g", c.name, got, want, tolerance)
		}
	}
}

// TestConvBits: the bits depend neither on the number of CPUs nor on where in
// memory the operands start.
func TestConvBits(t *testing.T) {
	for _, g := range []Conv{
		square(40, 16, 32, 1, 14, 3, 1, 1),
		square(9, 12, 12, 12, 14, 3, 1, 1),
		square(9, 24, 24, 3, 14, 3, 2, 1),
	} {
		x, w, dy := convBuffers[float32](&g)
		run := func(by int) [3][]float32 {
			y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
			ConvForward(&g, y, shifted(x, by), shifted(w, by))
			ConvBackwardData(&g, dx, shifted(dy, by), shifted(w, by))
			ConvBackwardWeights(&g, dw, shifted(x, by), shifted(dy, by))
			return [3][]float32{y, dx, dw}
		}
		want := run(0)
		kerneltest.EachThreads(t, func(t *testing.T) {
			for by := range 4 {
				for i, got := range run(by) {
					if !slices.Equal(got, want[i]) {
						t.Errorf("%+v: %s differs, shifted by %d elements", g, []string{"y", "dx", "dw"}[i], by)
					}
				}
			}
		})
	}
}

// geometry reads a small convolution from bytes; missing ones are zero.
func geometry(data []byte) *Conv {
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	g := &Conv{N: next(4), Groups: 1 + next(4)}
	g.C, g.OC = g.Groups*(1+next(4)), g.Groups*(1+next(5))
	for a := range 3 {
		g.In[a], g.Kernel[a], g.Out[a] = 1+next(9), 1+next(4), next(9)
		g.Stride[a], g.Pad[a], g.Dilation[a] = 1+next(3), next(8)-2, 1+next(3)
	}
	return g
}

func FuzzConv(f *testing.F) {
	r := rand.New(philox.NewSource(philox.KeyOf(1, "fuzz"), 0))
	for range 100 {
		data := make([]byte, 22)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkConv[float64](t, geometry(data)) })
}

func ExampleConvForward() {
	// A moving sum over three elements of a sequence.
	g := &Conv{
		N: 1, C: 1, OC: 1, Groups: 1,
		In: [3]int{1, 1, 5}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, 5},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 0, 1}, Dilation: [3]int{1, 1, 1},
	}
	y := make([]float32, 5)
	ConvForward(g, y, []float32{1, 2, 3, 4, 5}, []float32{1, 1, 1})
	fmt.Println(y)
	// Output: [3 6 9 12 9]
}
