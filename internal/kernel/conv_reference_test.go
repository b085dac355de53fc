package kernel

import (
	"math"
	"testing"
)

// naiveConv calls term with the offsets of every product x·w that goes into y:
// the definition, in seven loops.
func naiveConv(g *Conv, term func(y, x, w int)) {
	perGroup, inputs := g.OC/g.Groups, g.C/g.Groups
	index := func(sizes [3]int, image int, at [3]int) int {
		return ((image*sizes[0]+at[0])*sizes[1]+at[1])*sizes[2] + at[2]
	}
	eachPoint := func(sizes [3]int, f func(p [3]int)) {
		for d := range sizes[0] {
			for h := range sizes[1] {
				for w := range sizes[2] {
					f([3]int{d, h, w})
				}
			}
		}
	}
	for n := range g.N {
		for o := range g.OC {
			for c := range inputs {
				eachPoint(g.Out, func(p [3]int) {
					eachPoint(g.Kernel, func(k [3]int) {
						var at [3]int
						for a := range at {
							at[a] = p[a]*g.Stride[a] - g.Pad[a] + k[a]*g.Dilation[a]
							if at[a] < 0 || at[a] >= g.In[a] {
								return
							}
						}
						term(index(g.Out, n*g.OC+o, p),
							index(g.In, n*g.C+o/perGroup*inputs+c, at),
							index(g.Kernel, o*inputs+c, k))
					})
				})
			}
		}
	}
}

// sum is one element of a result by the definition, in float64.
type sum struct {
	value, magnitude float64
	terms            int
}

func (s *sum) add(product float64) {
	s.value += product
	s.magnitude += math.Abs(product)
	s.terms++
}

// expectSums compares with the definition. No order of adding k products errs by
// more than k·ε times the sum of their magnitudes. got has an element more than
// want, which must still be 99.
func expectSums[T Float](t *testing.T, name string, g *Conv, got []T, want []sum) {
	t.Helper()
	if got[len(want)] != 99 {
		t.Fatalf("%+v: %s wrote beyond its end", *g, name)
	}
	for i, s := range want {
		tolerance := float64(s.terms+1) * epsilon[T]() * s.magnitude
		if !(math.Abs(float64(got[i])-s.value) <= tolerance) {
			t.Fatalf("%+v: %s[%d] is %v, want %v ± %.1g", *g, name, i, got[i], s.value, tolerance)
		}
	}
}

// dirty returns n+1 elements that a kernel must overwrite, but for the last.
func dirty[T Float](n int) []T {
	s := make([]T, n+1)
	for i := range s {
		s[i] = 99
	}
	return s
}

func checkConv[T Float](t *testing.T, g *Conv) {
	t.Helper()
	x, w, dy := convBuffers[T](g)
	y, dx, dw := make([]sum, len(dy)), make([]sum, len(x)), make([]sum, len(w))
	naiveConv(g, func(yi, xi, wi int) {
		y[yi].add(float64(x[xi]) * float64(w[wi]))
		dx[xi].add(float64(dy[yi]) * float64(w[wi]))
		dw[wi].add(float64(dy[yi]) * float64(x[xi]))
	})
	gotY, gotDx, gotDw := dirty[T](len(y)), dirty[T](len(x)), dirty[T](len(w))
	ConvForward(g, gotY, x, w)
	ConvBackwardData(g, gotDx, dy, w)
	ConvBackwardWeights(g, gotDw, x, dy)
	expectSums(t, "y", g, gotY, y)
	expectSums(t, "dx", g, gotDx, dx)
	expectSums(t, "dw", g, gotDw, dw)
}

// convBuffers returns x, w and y of the geometry's sizes, drawn from the standard
// normal distribution.
func convBuffers[T Float](g *Conv) (x, w, y []T) {
	return normal[T](g.N*g.C*boxSize(g.In), "x"),
		normal[T](g.OC*g.C/g.Groups*boxSize(g.Kernel), "w"),
		normal[T](g.N*g.OC*boxSize(g.Out), "y")
}

// square is a 2-D convolution of square images.
func square(n, c, oc, groups, size, kernel, stride, pad int) Conv {
	out := (size+2*pad-kernel)/stride + 1
	return Conv{
		N: n, C: c, OC: oc, Groups: groups,
		In: [3]int{1, size, size}, Kernel: [3]int{1, kernel, kernel}, Out: [3]int{1, out, out},
		Stride: [3]int{1, stride, stride}, Pad: [3]int{0, pad, pad}, Dilation: [3]int{1, 1, 1},
	}
}
