package channels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// A pooling is the geometry of one, and the naive way to compute it.
type pooling struct {
	name                             string
	in, out, kernel, stride, pad, by [3]int
	adaptive                         bool
}

func (p *pooling) window(axis, o int) Window {
	if p.adaptive {
		first := o * p.in[axis] / p.out[axis]
		n := ((o+1)*p.in[axis]+p.out[axis]-1)/p.out[axis] - first
		return Window{first, n, n}
	}
	w := Window{Count: p.kernel[axis]}
	for k := range p.kernel[axis] {
		at := o*p.stride[axis] - p.pad[axis] + k*p.by[axis]
		if at >= 0 && at < p.in[axis] {
			if w.N == 0 {
				w.First = at
			}
			w.N++
		}
	}
	return w
}

func (p *pooling) windows(c int) *Windows { return NewWindows(c, p.in, p.out, p.by, p.window) }

// each calls f with every output of an image and the inputs that it sees, in order.
func (p *pooling) each(f func(o int, seen []int, count int)) {
	o := 0
	for d := range p.out[0] {
		for h := range p.out[1] {
			for w := range p.out[2] {
				a, b, c := p.window(0, d), p.window(1, h), p.window(2, w)
				var seen []int
				for i := range a.N {
					for j := range b.N {
						for k := range c.N {
							seen = append(seen, ((a.First+i*p.by[0])*p.in[1]+b.First+j*p.by[1])*p.in[2]+c.First+k*p.by[2])
						}
					}
				}
				f(o, seen, a.Count*b.Count*c.Count)
				o++
			}
		}
	}
}

func size(n [3]int) int { return n[0] * n[1] * n[2] }

// square is an image and a square window.
func square(h, w, kernel, stride, pad, by int) pooling {
	p := pooling{
		name: fmt.Sprintf("%dx%d, kernel %d, stride %d, pad %d, dilation %d", h, w, kernel, stride, pad, by),
		in:   [3]int{1, h, w}, kernel: [3]int{1, kernel, kernel}, stride: [3]int{1, stride, stride},
		pad: [3]int{0, pad, pad}, by: [3]int{1, by, by},
	}
	for axis, n := range p.in {
		p.out[axis] = (n+2*p.pad[axis]-p.by[axis]*(p.kernel[axis]-1)-1)/p.stride[axis] + 1
	}
	return p
}

func adaptive(in, out [3]int) pooling {
	return pooling{name: fmt.Sprintf("%v to %v", in, out), in: in, out: out, by: [3]int{1, 1, 1}, adaptive: true}
}

var poolings = []pooling{
	square(6, 8, 2, 2, 0, 1), square(7, 9, 2, 2, 0, 1), square(9, 8, 3, 2, 1, 1), square(8, 8, 3, 1, 1, 1),
	square(9, 10, 2, 3, 0, 1), square(9, 9, 3, 2, 1, 2), square(5, 5, 5, 1, 2, 1), square(3, 2, 2, 1, 1, 3), square(9, 5, 3, 2, 2, 3),
	{name: "volume", in: [3]int{4, 6, 5}, out: [3]int{2, 3, 2}, kernel: [3]int{2, 2, 2}, stride: [3]int{2, 2, 2}, by: [3]int{1, 1, 1}},
	{name: "squares in a volume", in: [3]int{3, 5, 6}, out: [3]int{3, 2, 3}, kernel: [3]int{1, 2, 2}, stride: [3]int{1, 2, 2}, by: [3]int{1, 1, 1}},
	adaptive([3]int{1, 7, 7}, [3]int{1, 1, 1}), adaptive([3]int{1, 8, 6}, [3]int{1, 4, 3}), adaptive([3]int{3, 7, 5}, [3]int{2, 3, 4}),
	adaptive([3]int{1, 2, 3}, [3]int{1, 4, 5}), adaptive([3]int{1, 1, 20000}, [3]int{1, 1, 1}),
}

// poolKernels are all of pooling, forward or backward, with the naive results.
var poolKernels = []struct {
	name     string
	backward bool
	f        func(w *Windows, y, x, dy []float32)
	want     func(x []float32, at func(i int) int, seen []int, count int, y *float64, dy float64, dx []float64)
}{
	{"MaxPool", false, func(w *Windows, y, x, _ []float32) { w.MaxPool(y, x) },
		func(x []float32, at func(int) int, seen []int, _ int, y *float64, _ float64, _ []float64) {
			*y = math.Inf(-1)
			for _, i := range seen {
				*y = max(*y, float64(x[at(i)]))
			}
		}},
	{"AvgPool", false, func(w *Windows, y, x, _ []float32) { w.AvgPool(y, x) },
		func(x []float32, at func(int) int, seen []int, count int, y *float64, _ float64, _ []float64) {
			for _, i := range seen {
				*y += float64(x[at(i)]) / float64(count)
			}
		}},
	{"MaxPoolGrad", true, func(w *Windows, dx, x, dy []float32) { w.MaxPoolGrad(dx, x, dy) },
		func(x []float32, at func(int) int, seen []int, _ int, _ *float64, dy float64, dx []float64) {
			if len(seen) == 0 {
				return
			}
			won := at(seen[0])
			for _, i := range seen {
				if v := x[at(i)]; v != v || v > x[won] {
					won = at(i)
				}
			}
			dx[won] += dy
		}},
	{"AvgPoolGrad", true, func(w *Windows, dx, _, dy []float32) { w.AvgPoolGrad(dx, dy) },
		func(_ []float32, at func(int) int, seen []int, count int, _ *float64, dy float64, dx []float64) {
			for _, i := range seen {
				dx[at(i)] += dy / float64(count)
			}
		}},
}

func checkPool(t *testing.T, p *pooling, images, c int, x, dy []float32) {
	t.Helper()
	w := p.windows(c)
	for _, k := range poolKernels {
		n, m := images*size(p.out)*c, images*size(p.in)*c
		y, dx := make([]float64, n), make([]float64, m)
		p.each(func(o int, seen []int, count int) {
			for image := range images {
				for channel := range c {
					at := func(i int) int { return (image*size(p.in)+i)*c + channel }
					e := (image*size(p.out)+o)*c + channel
					k.want(x, at, seen, count, &y[e], float64(dy[e]), dx)
				}
			}
		})
		want := y
		if k.backward {
			want = dx
		}
		name := k.name + " of " + p.name
		got := run(t, name, len(want), func(y []float32) { k.f(w, y, x, dy) })
		for i, v := range want {
			g := float64(got[i])
			// One division, and a sum of few of its results.
			if g != v && !(math.IsNaN(g) && math.IsNaN(v)) && !(math.Abs(g-v) <= 1e-6*max(1, math.Abs(v))) {
				t.Fatalf("%s with %d channels: element %d is %v, want %v", name, c, i, g, v)
			}
		}
	}
}

func poolData(p *pooling, images, c int, seed uint64) (x, dy []float32) {
	r := rand.New(rand.NewPCG(seed, uint64(c)))
	off := int(seed % 3)
	x = grid(r, images*size(p.in)*c+off, 1./4, 2, 0)[off:] // with many equals
	dy = grid(r, images*size(p.out)*c+off, 1./4, 2, 0)[off:]
	return x, dy
}

// The channels of a window that is too long for one call are taken in parts.
func TestLongWindow(t *testing.T) {
	p := adaptive([3]int{1, 1, longWindow / 32}, [3]int{1, 1, 1})
	x, dy := poolData(&p, 1, 37, 1)
	kerneltest.EachLevel(t, func(t *testing.T) { checkPool(t, &p, 1, 37, x, dy) })
}

func TestPool(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for i, p := range poolings {
			for _, c := range []int{1, 3, 8, 16, 17, 31, 32, 40, 64, 67} {
				if size(p.in)*c > 100000 {
					continue
				}
				images := 1 + (i+c)%2
				x, dy := poolData(&p, images, c, uint64(i))
				checkPool(t, &p, images, c, x, dy)
			}
		}
	})
}

func TestPoolOfNaNAndInfinity(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for i, p := range poolings[:10] {
			for _, c := range []int{3, 16, 35} {
				x, dy := poolData(&p, 2, c, uint64(i))
				r := rand.New(rand.NewPCG(1, 2))
				for e := range x {
					switch r.IntN(6) {
					case 0:
						x[e] = float32(math.NaN())
					case 1:
						x[e] = float32(math.Inf(1 - 2*r.IntN(2)))
					case 2:
						x[e] = 1e-42
					}
				}
				checkPool(t, &p, 2, c, x, dy)
			}
		}
	})
}

func FuzzPool(f *testing.F) {
	f.Add(uint8(7), uint8(9), uint8(2), uint8(2), uint8(0), uint8(1), uint8(17), uint64(1))
	f.Add(uint8(9), uint8(4), uint8(3), uint8(1), uint8(1), uint8(2), uint8(40), uint64(2))
	f.Add(uint8(8), uint8(4), uint8(2), uint8(1), uint8(2), uint8(2), uint8(40), uint64(0))
	f.Fuzz(func(t *testing.T, h, w, kernel, stride, pad, by, c uint8, seed uint64) {
		p := square(1+int(h%20), 1+int(w%20), 1+int(kernel%4), 1+int(stride%4), int(pad%3), 1+int(by%3))
		if p.out[1] < 1 || p.out[2] < 1 {
			return
		}
		x, dy := poolData(&p, 2, 1+int(c%70), seed)
		kerneltest.EachLevel(t, func(t *testing.T) { checkPool(t, &p, 2, 1+int(c%70), x, dy) })
	})
}

func TestPoolHasTheSameBitsOnAnyThreadsAndAllocatesNothing(t *testing.T) {
	for _, p := range poolings {
		const images, c = 5, 20
		x, dy := poolData(&p, images, c, 1)
		for i := range x {
			x[i] += float32(i%1000) * 1e-3
		}
		w := p.windows(c)
		for _, k := range poolKernels {
			n := images * size(p.out) * c
			if k.backward {
				n = len(x)
			}
			var want []float32
			kerneltest.EachThreads(t, func(t *testing.T) {
				got := make([]float32, n)
				k.f(w, got, x, dy)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s of %s has other bits than on one thread", k.name, p.name)
				}
				if n := testing.AllocsPerRun(10, func() { k.f(w, got, x, dy) }); n >= 1 {
					t.Errorf("%s of %s: %v allocations, want 0", k.name, p.name, n)
				}
			})
		}
	}
}

func BenchmarkPool(b *testing.B) {
	const images, c = 64, 32
	for _, p := range []pooling{square(28, 28, 2, 2, 0, 1), square(28, 28, 3, 2, 1, 1), adaptive([3]int{1, 28, 28}, [3]int{1, 1, 1})} {
		w := p.windows(c)
		x, dy := poolData(&p, images, c, 0)
		dx, y := make([]float32, len(x)), make([]float32, len(dy))
		b.Run(p.name, func(b *testing.B) {
			benchCopy(b, dx, x)
			bench(b, "max", 4*(len(x)+len(y)), func() { w.MaxPool(y, x) })
			bench(b, "avg", 4*(len(x)+len(y)), func() { w.AvgPool(y, x) })
			bench(b, "max/backward", 4*(2*len(x)+len(y)), func() { w.MaxPoolGrad(dx, x, dy) })
			bench(b, "avg/backward", 4*(len(x)+len(y)), func() { w.AvgPoolGrad(dx, dy) })
		})
	}
}
