package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// attended is the definition.
func attended[T Float](a *Attention[T], x []T) []float64 {
	n, h, l, s := a.Shape[0], a.Shape[1], a.Shape[2], a.Shape[3]
	y := make([]float64, len(x))
	for r := range n * h * l {
		at := [3]int{r / (h * l), r / l % h, r % l}
		var sum float64
		for k := range s {
			e := r*s + k
			switch {
			case a.Causal && k > at[2],
				a.Lengths != nil && k >= int(a.Lengths[at[0]]):
				continue
			}
			v := a.Scale * float64(x[e])
			if a.Mask != nil {
				v += float64(a.Mask[at[0]*a.MaskSteps[0]+at[1]*a.MaskSteps[1]+at[2]*a.MaskSteps[2]+k*a.MaskSteps[3]])
			}
			y[e] = math.Exp(v)
			sum += y[e]
		}
		for k := range s {
			if sum > 0 {
				y[r*s+k] /= sum
			}
		}
	}
	return y
}

func testAttention[T Float](t *testing.T) {
	none := T(math.Inf(-1))
	for _, shape := range [][4]int{{1, 1, 1, 1}, {2, 1, 3, 5}, {3, 2, 17, 17}, {2, 2, 5, 70}, {1, 4, 65, 33}} {
		n, h, l, s := shape[0], shape[1], shape[2], shape[3]
		x := normal[T](n*h*l*s, "x")
		full, keys := normal[T](n*h*l*s, "mask"), normal[T](n*s, "keys")
		for i := range keys {
			if i%3 == 1 {
				keys[i] = none
			}
		}
		for i := range s { // the first query looks at nothing
			full[i] = none
		}
		lengths := make([]T, n)
		for i := range lengths {
			lengths[i] = T([]int{s / 2, 0, s}[i%3])
		}
		for name, a := range map[string]Attention[T]{
			"plain":         {},
			"causal":        {Causal: true},
			"lengths":       {Lengths: []T{0, 1, T(s)}[:min(n, 3)]},
			"causal, short": {Lengths: lengths, Causal: true},
			"mask":          {Mask: full, MaskSteps: [4]int{h * l * s, l * s, s, 1}, Causal: true},
			"keys":          {Mask: keys, MaskSteps: [4]int{s, 0, 0, 1}},
			"queries":       {Mask: full[s:], MaskSteps: [4]int{0, 0, 0, 0}},
		} {
			if name == "queries" && len(full) == s {
				continue
			}
			a.Shape, a.Scale = shape, 0.7
			y := make([]T, len(x))
			a.Softmax(y, x)
			near(t, fmt.Sprintf("%s %v", name, shape), y, attended(&a, x), 4*epsilon[T]()*16)
			in := append([]T{}, x...)
			a.Softmax(in, in)
			near(t, name+" in place", in, widened(y), 0)
		}
	}
}

func TestAttention(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		testAttention[float32](t)
		testAttention[float64](t)
	})
}

// A score that does not count may be anything; one that does spreads.
func TestAttentionOfNaN(t *testing.T) {
	nan := float32(math.NaN())
	a := Attention[float32]{Shape: [4]int{1, 1, 2, 2}, Scale: 1, Causal: true}
	y := make([]float32, 4)
	a.Softmax(y, []float32{1, nan, nan, 2})
	near(t, "weights", y, []float64{1, 0, math.NaN(), math.NaN()}, 0)
}

func TestAttentionBackward(t *testing.T) {
	const rows, keys, scale = 37, 19, 0.3
	y, dy := normal[float32](rows*keys, "y"), normal[float32](rows*keys, "dy")
	want := make([]float64, rows*keys)
	for r := range rows {
		var dot float64
		for k := range keys {
			dot += float64(y[r*keys+k]) * float64(dy[r*keys+k])
		}
		for k := range keys {
			want[r*keys+k] = scale * float64(y[r*keys+k]) * (float64(dy[r*keys+k]) - dot)
		}
	}
	kerneltest.EachLevel(t, func(t *testing.T) {
		dx := make([]float32, rows*keys)
		AttentionBackward(dx, y, dy, rows, keys, scale)
		near(t, "dx", dx, want, 1e-5) // sums of 19 products of about 1
	})
}

func FuzzAttention(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint8(3), uint8(5), uint8(2), true)
	f.Fuzz(func(t *testing.T, data []byte, queries, keys, length uint8, causal bool) {
		l, s := int(queries)%40+1, int(keys)%40+1
		x := make([]float32, l*s)
		for i := range x {
			if len(data) > 0 {
				x[i] = float32(int8(data[i%len(data)])) / 8
			}
		}
		a := Attention[float32]{Shape: [4]int{1, 1, l, s}, Scale: 0.5, Causal: causal, Lengths: []float32{float32(int(length) % (s + 1))}}
		y := make([]float32, len(x))
		a.Softmax(y, x)
		near(t, "weights", y, attended(&a, x), 1e-5)
	})
}
