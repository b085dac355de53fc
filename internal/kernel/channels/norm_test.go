package channels

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// kernels are all of normalisation, each with its output's size and what it should
// be in float64. Numbers have so few bits that all but the moments is exact.
var kernels = []struct {
	name string
	size func(s *sample) int
	f    func(s *sample, y []float32)
	want func(s *sample, y []float64)
	tol  float64
}{
	{"Affine", (*sample).matrix, func(s *sample, y []float32) { Affine(y, s.x, s.cols.Map, s.rows, s.c, false) },
		func(s *sample, y []float64) { s.forward(y, &s.cols, s.col, false) }, 0},
	{"Affine, ReLU", (*sample).matrix, func(s *sample, y []float32) { Affine(y, s.x, s.cols.Map, s.rows, s.c, true) },
		func(s *sample, y []float64) { s.forward(y, &s.cols, s.col, true) }, 0},
	{"RowAffine", (*sample).matrix, func(s *sample, y []float32) { RowAffine(y, s.x, s.row.Map, s.c, false) },
		func(s *sample, y []float64) { s.forward(y, &s.row, s.line, false) }, 0},
	{"RowAffine, ReLU", (*sample).matrix, func(s *sample, y []float32) { RowAffine(y, s.x, s.row.Map, s.c, true) },
		func(s *sample, y []float64) { s.forward(y, &s.row, s.line, true) }, 0},
	{"LayerAffine", (*sample).matrix, func(s *sample, y []float32) {
		LayerAffine(y, s.x, s.row.Mean, s.row.A, s.cols.A, s.cols.B, false)
	}, func(s *sample, y []float64) { s.layer(y, false) }, 0},
	{"LayerAffine, ReLU", (*sample).matrix, func(s *sample, y []float32) {
		LayerAffine(y, s.x, s.row.Mean, s.row.A, s.cols.A, s.cols.B, true)
	}, func(s *sample, y []float64) { s.layer(y, true) }, 0},
	{"Grad", (*sample).matrix, func(s *sample, y []float32) { Grad(y, s.x, s.dy, s.cols, s.rows, s.c) },
		func(s *sample, y []float64) { s.backward(y, &s.cols, s.col, false) }, 0},
	{"Grad, ReLU", (*sample).matrix, func(s *sample, y []float32) { Grad(y, s.x, s.dy, behindReLU(s.cols), s.rows, s.c) },
		func(s *sample, y []float64) { s.backward(y, &s.cols, s.col, true) }, 0},
	{"RowGrad", (*sample).matrix, func(s *sample, y []float32) { RowGrad(y, s.x, s.dy, s.row, s.c) },
		func(s *sample, y []float64) { s.backward(y, &s.row, s.line, false) }, 0},
	{"RowGrad, ReLU", (*sample).matrix, func(s *sample, y []float32) { RowGrad(y, s.x, s.dy, behindReLU(s.row), s.c) },
		func(s *sample, y []float64) { s.backward(y, &s.row, s.line, true) }, 0},
	{"Sums", (*sample).twoColumns, func(s *sample, y []float32) {
		sumsOf(y, func(sum, dot []float64) { Sums(sum, dot, s.x, s.dy, Map{Mean: s.cols.Mean}, s.rows, s.c) })
	}, func(s *sample, y []float64) { s.sums(y, &s.cols, s.col, false) }, 0},
	{"Sums, ReLU", (*sample).twoColumns, func(s *sample, y []float32) {
		sumsOf(y, func(sum, dot []float64) { Sums(sum, dot, s.x, s.dy, s.cols.Map, s.rows, s.c) })
	}, func(s *sample, y []float64) { s.sums(y, &s.cols, s.col, true) }, 0},
	{"RowSums", (*sample).twoRows, func(s *sample, y []float32) {
		sumsOf(y, func(sum, dot []float64) { RowSums(sum, dot, s.x, s.dy, Map{Mean: s.row.Mean}, s.c) })
	}, func(s *sample, y []float64) { s.sums(y, &s.row, s.line, false) }, 0},
	{"RowSums, ReLU", (*sample).twoRows, func(s *sample, y []float32) {
		sumsOf(y, func(sum, dot []float64) { RowSums(sum, dot, s.x, s.dy, s.row.Map, s.c) })
	}, func(s *sample, y []float64) { s.sums(y, &s.row, s.line, true) }, 0},
	{"LayerSums", (*sample).twoColumns, func(s *sample, y []float32) {
		sumsOf(y, func(sum, dot []float64) { LayerSums(sum, dot, s.x, s.dy, s.row.Mean, s.row.A) })
	}, (*sample).layerSums, 0},
	// A handful of roundings of numbers up to some hundred.
	{"LayerGrad", (*sample).matrix, func(s *sample, y []float32) {
		LayerGrad(y, s.x, s.dy, s.cols.A, s.row.Mean, s.row.A)
	}, func(s *sample, y []float64) { s.groupGrad(y, s.rows, 1, s.cols.A, s.col) }, 2e-5},
	{"GroupGrad", (*sample).matrix, func(s *sample, y []float32) {
		GroupGrad(y, s.x, s.dy, s.row.Q, s.row.Mean[:1], s.row.A[:1], s.rows, s.c)
	}, func(s *sample, y []float64) { s.groupGrad(y, 1, s.rows, s.row.Q, s.line) }, 2e-5},
	// A mean is rounded with every row that comes in: up to some hundred times to
	// 2e-7, in Go.
	{"Moments", (*sample).twoColumns, func(s *sample, y []float32) { Moments(y[:s.c], y[s.c:], s.x, s.rows, s.c) },
		func(s *sample, y []float64) { s.moments(y, s.c, s.col) }, 1e-5},
	{"GroupMoments", (*sample).twoRows, func(s *sample, y []float32) {
		GroupMoments(y[:s.rows], y[s.rows:], s.x, 1, s.rows, s.c)
	}, func(s *sample, y []float64) { s.moments(y, s.rows, s.line) }, 1e-5},
	{"GroupMoments of columns", (*sample).twoColumns, func(s *sample, y []float32) {
		GroupMoments(y[:s.c], y[s.c:], s.x, s.rows, s.c, 1)
	}, func(s *sample, y []float64) { s.moments(y, s.c, s.col) }, 1e-5},
}

func (s *sample) matrix() int     { return s.rows * s.c }
func (s *sample) twoColumns() int { return 2 * s.c }
func (s *sample) twoRows() int    { return 2 * s.rows }
func (s *sample) col(e int) int   { return e % s.c }
func (s *sample) line(e int) int  { return e / s.c }

func behindReLU(g Gradient) Gradient {
	g.ReLU = true
	return g
}

func sumsOf(y []float32, f func(sum, dot []float64)) {
	n := len(y) / 2
	sum, dot := make([]float64, n), make([]float64, n)
	f(sum, dot)
	for i := range n {
		y[i], y[n+i] = float32(sum[i]), float32(dot[i])
	}
}

func (s *sample) forward(y []float64, k *Gradient, of func(int) int, relu bool) {
	for e, x := range s.x {
		i := of(e)
		y[e] = (float64(x)-float64(k.Mean[i]))*float64(k.A[i]) + float64(k.B[i])
		if relu {
			y[e] = max(y[e], 0)
		}
	}
}

func (s *sample) layer(y []float64, relu bool) {
	for e, x := range s.x {
		r, c := s.line(e), s.col(e)
		y[e] = (float64(x)-float64(s.row.Mean[r]))*float64(s.row.A[r])*float64(s.cols.A[c]) + float64(s.cols.B[c])
		if relu {
			y[e] = max(y[e], 0)
		}
	}
}

// gradient returns dy, or 0 if relu and the output isn't positive.
func (s *sample) gradient(e int, k *Gradient, of func(int) int, relu bool) float64 {
	i := of(e)
	if relu && (s.x[e]-k.Mean[i])*k.A[i]+k.B[i] <= 0 {
		return 0
	}
	return float64(s.dy[e])
}

func (s *sample) backward(dx []float64, k *Gradient, of func(int) int, relu bool) {
	for e, x := range s.x {
		i := of(e)
		dx[e] = float64(k.A[i])*s.gradient(e, k, of, relu) + float64(k.P[i])*float64(x-k.Mean[i]) + float64(k.Q[i])
	}
}

func (s *sample) sums(y []float64, k *Gradient, of func(int) int, relu bool) {
	for e, x := range s.x {
		i, d := of(e), s.gradient(e, k, of, relu)
		y[i] += d
		y[len(y)/2+i] += d * float64(x-k.Mean[i])
	}
}

func (s *sample) layerSums(y []float64) {
	for e, x := range s.x {
		r, c := s.line(e), s.col(e)
		y[c] += float64(s.dy[e])
		y[s.c+c] += float64(s.dy[e]) * float64(x-s.row.Mean[r]) * float64(s.row.A[r])
	}
}

// groupGrad is for groups of so many rows.
func (s *sample) groupGrad(dx []float64, groups, rows int, gamma []float32, of func(int) int) {
	n := rows * s.c
	for g := range groups {
		mean, r := float64(s.row.Mean[g]), float64(s.row.A[g])
		var sum, dot float64
		for e := g * n; e < (g+1)*n; e++ {
			h := float64(s.dy[e]) * float64(gamma[of(e)])
			sum += h
			dot += h * (float64(s.x[e]) - mean) * r
		}
		for e := g * n; e < (g+1)*n; e++ {
			h := float64(s.dy[e]) * float64(gamma[of(e)])
			dx[e] = (h - sum/float64(n) - (float64(s.x[e])-mean)*r*dot/float64(n)) * r
		}
	}
}

func (s *sample) moments(y []float64, groups int, of func(int) int) {
	count := float64(len(s.x) / groups)
	for e, x := range s.x {
		y[of(e)] += float64(x) / count
	}
	for e, x := range s.x {
		d := float64(x) - y[of(e)]
		y[groups+of(e)] += d * d / count
	}
}

func TestNorm(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for k, shape := range shapes() {
			checkNorm(t, newSample(shape[0], shape[1], uint64(k)))
		}
	})
}

func checkNorm(t *testing.T, s *sample) {
	for _, k := range kernels {
		want := make([]float64, k.size(s))
		k.want(s, want)
		closeTo(t, k.name, s, run(t, k.name, len(want), func(y []float32) { k.f(s, y) }), want, k.tol)
	}
}

func FuzzNorm(f *testing.F) {
	for _, shape := range [][2]int{{1, 1}, {9, 16}, {40, 33}, {300, 5}} {
		f.Add(uint16(shape[0]), uint16(shape[1]), uint64(1))
	}
	f.Fuzz(func(t *testing.T, rows, c uint16, seed uint64) {
		s := newSample(1+int(rows)%1000, 1+int(c)%300, seed)
		kerneltest.EachLevel(t, func(t *testing.T) { checkNorm(t, s) })
	})
}

func TestNormInPlace(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, shape := range [][2]int{{40, 3}, {40, 100}, {7, 300}} {
			s := newSample(shape[0], shape[1], 3)
			for _, k := range kernels {
				if k.size(s) != s.matrix() {
					continue
				}
				want := make([]float32, s.matrix())
				k.f(s, want)
				for _, over := range []*[]float32{&s.x, &s.dy} {
					before := slices.Clone(*over)
					k.f(s, *over)
					if !slices.Equal(*over, want) {
						t.Errorf("%s of %v in place differs", k.name, shape)
					}
					copy(*over, before)
				}
			}
		}
	})
}

func TestNormHasTheSameBitsOnAnyThreads(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, shape := range [][2]int{{9000, 7}, {500, 300}, {5, 50000}} {
			s := newSample(shape[0], shape[1], 1)
			for i := range s.x {
				s.x[i] += float32(i%1000) * 1e-3 // so that sums are rounded
			}
			for _, k := range kernels {
				var want []float32
				kerneltest.EachThreads(t, func(t *testing.T) {
					got := make([]float32, k.size(s))
					k.f(s, got)
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s of %v has other bits than on one thread", k.name, shape)
					}
				})
			}
		}
	})
}

func TestNormAllocatesNothing(t *testing.T) {
	s := newSample(2000, 20, 1)
	y, sum := make([]float32, s.matrix()), make([]float64, 2*s.rows)
	for name, f := range map[string]func(){
		"Affine":    func() { Affine(y, s.x, s.cols.Map, s.rows, s.c, true) },
		"RowAffine": func() { RowAffine(y, s.x, s.row.Map, s.c, true) },
		"Grad":      func() { Grad(y, s.x, s.dy, s.cols, s.rows, s.c) },
		"Sums":      func() { Sums(sum[:s.c], sum[s.c:2*s.c], s.x, s.dy, s.cols.Map, s.rows, s.c) },
		"RowSums":   func() { RowSums(sum[:s.rows], sum[s.rows:], s.x, s.dy, s.row.Map, s.c) },
		"Moments":   func() { Moments(y[:s.c], y[s.c:], s.x, s.rows, s.c) },
		"LayerGrad": func() { LayerGrad(y, s.x, s.dy, s.cols.A, s.row.Mean, s.row.A) },
	} {
		if n := testing.AllocsPerRun(50, f); n >= 1 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

// No sum of rows or of columns is nothing.
func TestSumsOfNothing(t *testing.T) {
	one := []float32{1, 1, 1}
	for name, f := range map[string]func(sum, dot []float64){
		"Sums of no rows":      func(sum, dot []float64) { Sums(sum, dot, nil, nil, Map{Mean: one}, 0, 3) },
		"RowSums of no column": func(sum, dot []float64) { RowSums(sum, dot, nil, nil, Map{Mean: one}, 0) },
		"LayerSums of no rows": func(sum, dot []float64) { LayerSums(sum, dot, nil, nil, nil, nil) },
	} {
		sum, dot := []float64{1, 2, 3}, []float64{4, 5, 6}
		f(sum, dot)
		if zero := []float64{0, 0, 0}; !slices.Equal(sum, zero) || !slices.Equal(dot, zero) {
			t.Errorf("%s: %v and %v, want zeros", name, sum, dot)
		}
	}
	Sums(nil, nil, nil, nil, Map{}, 5, 0)
	LayerSums(nil, nil, nil, nil, one, one)
	Affine(nil, nil, Map{}, 5, 0, true)
	Affine(nil, nil, Map{Mean: one, A: one, B: one}, 0, 3, true)
	Grad(nil, nil, nil, Gradient{}, 5, 0)
	GroupGrad(nil, nil, nil, one, one, one, 3, 0)
	Moments(nil, nil, nil, 5, 0)
	GroupMoments(nil, nil, nil, 5, 0, 3)
}

// No lane adds up more rows than float32 can bear, and few rows are few sums.
func TestPartialSums(t *testing.T) {
	for _, rows := range []int{1, 1000, 1e6, 1e9} {
		for _, c := range []int{1, 7, 64, 5000} {
			m := fold(rows, c)
			if m.sumGrain() > max(sumRows, sumSize/m.width) || m.sums() > max(sumChunks, m.rows/sumRows+1) {
				t.Errorf("%d rows of %d: %d sums of %d rows", rows, c, m.sums(), m.sumGrain())
			}
		}
	}
}

// A NaN or an infinity leaves no finite moment in its column, and all others as they
// are; an output is NaN where its input is, whatever the ReLU.
func TestNormOfNaNAndInfinity(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range []int{3, 16, 130} {
			for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				name := fmt.Sprintf("%d columns with %v", c, v)
				s := newSample(50, c, 0)
				s.x[20*c+1] = float32(v)
				stats := run(t, name, 2*c, func(y []float32) { Moments(y[:c], y[c:], s.x, s.rows, c) })
				rows := run(t, name, 2*s.rows, func(y []float32) { GroupMoments(y[:s.rows], y[s.rows:], s.x, 1, s.rows, c) })
				for i := range stats {
					if bad := stats[i]-stats[i] != 0; bad != (i%c == 1) {
						t.Errorf("%s: moment %d is %v", name, i, stats[i])
					}
				}
				for i := range rows {
					if bad := rows[i]-rows[i] != 0; bad != (i%s.rows == 20) {
						t.Errorf("%s: moment %d of rows is %v", name, i, rows[i])
					}
				}
				s.cols.A[1] = 1
				y := run(t, name, s.matrix(), func(y []float32) { Affine(y, s.x, s.cols.Map, s.rows, c, true) })
				if got := float64(y[20*c+1]); !(got == max(v, 0) || math.IsNaN(v) && math.IsNaN(got)) {
					t.Errorf("%s: output %v", name, got)
				}
				s.cols.ReLU = true
				dx := run(t, name, s.matrix(), func(y []float32) { Grad(y, s.x, s.dy, s.cols, s.rows, c) })
				for i, g := range dx {
					if i != 20*c+1 && g != g {
						t.Errorf("%s: gradient %d is NaN", name, i)
					}
				}
			}
		}
	})
}

// Numbers around 1e6 are multiples of a sixteenth: with a deviation of 1 the mean
// of the squares less the square of the mean would be noise. An outlier first is
// the worst to measure others from.
func TestMomentsOfLargeMeanAndOutlier(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range []int{1, 5, 200} {
			s := newSample(3000, c, 0)
			for i := range s.x {
				s.x[i] += 1e6
			}
			check := func(name string) {
				want := make([]float64, 2*c)
				s.moments(want, c, s.col)
				got := run(t, name, 2*c, func(y []float32) { Moments(y[:c], y[c:], s.x, s.rows, c) })
				for i := range want {
					if math.Abs(float64(got[i])/want[i]-1) > 1e-4 {
						t.Fatalf("%s, %d columns: moment %d is %v, want %v within 1e-4", name, c, i, got[i], want[i])
					}
				}
			}
			check("large mean")
			clear(s.x[:c])
			check("large mean and outlier")
		}
	})
}
