package tile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// guard is a NaN with a payload that no arithmetic makes.
var guard = math.Float32frombits(0x7fbadbad)

func guarded(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = guard
	}
	return x
}

func isGuard(v float32) bool { return math.Float32bits(v) == math.Float32bits(guard) }

func pointer(x []float32, i int) unsafe.Pointer { return unsafe.Pointer(&x[i]) }

// product is a tile with memory of its own. What the tile must not read is a NaN
// there and what it must not write too, and each operand starts at any float.
type product struct {
	args    tile.Args
	a, b, c []float32
	bias    []float32
	c0      int
}

const margin = 40

func newProduct(r *rand.Rand, rows, cols, outer, depth int, inPlace, bias bool) *product {
	p := &product{}
	aStep, bStep, cStep := rows+r.IntN(4), cols+r.IntN(4), cols+r.IntN(4)
	turn := depth * aStep
	if inPlace {
		aStep = outer*(depth+3) + r.IntN(4)
		turn = depth
	}
	aDelta, bDelta := r.IntN(3), r.IntN(3)*bStep
	a0, b0, c0 := margin+r.IntN(17), margin+r.IntN(17), margin+r.IntN(17)
	p.a = guarded(a0 + outer*(turn+aDelta) + rows*aStep + margin)
	p.b = guarded(b0 + outer*(depth*bStep+bDelta) + margin)
	p.c = guarded(c0 + rows*cStep + margin)
	for o := range outer {
		for k := range depth {
			for i := range rows {
				p.a[p.aAt(a0, o*(turn+aDelta), i, k, aStep, inPlace)] = r.Float32()*2 - 1
			}
			for j := range cols {
				p.b[b0+o*(depth*bStep+bDelta)+k*bStep+j] = r.Float32()*2 - 1
			}
		}
	}
	for i := range rows {
		for j := range cols {
			p.c[c0+i*cStep+j] = r.Float32()*2 - 1
		}
	}
	p.c0 = c0
	p.args = tile.Args{
		A: pointer(p.a, a0), B: pointer(p.b, b0), C: pointer(p.c, c0),
		Outer: outer, Depth: depth, AStep: 4 * aStep, ADelta: 4 * aDelta, BStep: 4 * bStep, BDelta: 4 * bDelta, CStep: 4 * cStep,
		Rows: rows, Cols: cols, InPlace: inPlace,
	}
	if bias {
		p.bias = guarded(cols + 2*margin)
		for j := range cols {
			p.bias[margin+j] = r.Float32()*2 - 1
		}
		p.args.Bias = pointer(p.bias, margin)
	}
	return p
}

func (*product) aAt(a0, o, i, k, step int, inPlace bool) int {
	if inPlace {
		return a0 + o + i*step + k
	}
	return a0 + o + i + k*step
}

// want is C by the definition, in float64, with Σ|a·b| for the tolerance.
func (p *product) want(i, j int) (v, magnitude float64) {
	a := p.args
	f := func(base unsafe.Pointer, bytes int) float64 { return float64(*(*float32)(unsafe.Add(base, bytes))) }
	if a.Bias != nil {
		v = f(a.Bias, 4*j)
	}
	magnitude = math.Abs(v)
	if a.Accumulate {
		c := f(a.C, i*a.CStep+4*j)
		v += c
		magnitude += math.Abs(c)
	}
	row, next := 4, a.AStep
	if a.InPlace {
		row, next = next, row
	}
	for o := range a.Outer {
		for k := range a.Depth {
			x := f(a.A, o*(a.Depth*next+a.ADelta)+k*next+i*row) * f(a.B, o*(a.Depth*a.BStep+a.BDelta)+k*a.BStep+4*j)
			v += x
			magnitude += math.Abs(x)
		}
	}
	if a.ReLU {
		v = max(v, 0)
	}
	return v, magnitude
}

// check runs the tile and compares. A sum of n terms errs by at most n roundings,
// of half an ulp each.
func (p *product) check(t *testing.T) {
	t.Helper()
	a := &p.args
	var want, magnitude []float64
	for i := range a.Rows {
		for j := range a.Cols {
			v, m := p.want(i, j)
			want, magnitude = append(want, v), append(magnitude, m)
		}
	}
	tile.Mul(a)
	inside := 0
	for e, v := range p.c {
		i, j := (e-p.c0)/(a.CStep/4), (e-p.c0)%(a.CStep/4)
		if e < p.c0 || i >= a.Rows || j >= a.Cols {
			if !isGuard(v) {
				t.Fatalf("%+v: wrote %v at %d, outside of C", *a, v, e-p.c0)
			}
			continue
		}
		inside++
		w := want[i*a.Cols+j]
		if tol := float64(a.Outer*a.Depth+2) * 0x1p-24 * magnitude[i*a.Cols+j]; !(math.Abs(float64(v)-w) <= tol) {
			t.Fatalf("%+v: C[%d,%d] is %v, want %v ± %.1g", *a, i, j, v, w, tol)
		}
	}
	if inside != a.Rows*a.Cols {
		t.Fatalf("looked at %d numbers of C, want %d", inside, a.Rows*a.Cols)
	}
}

func TestMul(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for rows := 1; rows <= tile.Rows(); rows++ {
			for cols := 1; cols <= tile.Cols(); cols++ {
				for mode := range 16 {
					p := newProduct(r, rows, cols, 1+r.IntN(3), 1+r.IntN(9), mode&1 != 0, mode&2 != 0)
					p.args.Accumulate, p.args.ReLU = mode&4 != 0, mode&8 != 0
					p.check(t)
				}
			}
		}
	})
}

// TestMulNothing: a product of no terms is what it starts from.
func TestMulNothing(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, empty := range [][2]int{{0, 5}, {2, 0}} {
			for mode := range 4 {
				p := newProduct(r, tile.Rows(), tile.Cols()-1, empty[0], empty[1], mode&1 != 0, mode&2 != 0)
				p.check(t)
			}
		}
	})
}

// TestMulSpecial: NaN and infinities spread, also through ReLU and zeros.
func TestMulSpecial(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, x := range []struct{ a, b, want float32 }{
			{nan, 1, nan}, {0, inf, nan}, {0, nan, nan}, {1, inf, inf}, {-1, inf, 0}, {-2, 3, 0}, {1e-42, 1, 1e-42},
		} {
			a, b, c := []float32{x.a}, []float32{x.b}, []float32{7}
			tile.Mul(&tile.Args{A: pointer(a, 0), B: pointer(b, 0), C: pointer(c, 0), Outer: 1, Depth: 1, Rows: 1, Cols: 1, ReLU: true})
			if c[0] != x.want && c[0] == c[0] || math.IsNaN(float64(x.want)) != math.IsNaN(float64(c[0])) {
				t.Errorf("ReLU(%v·%v) is %v, want %v", x.a, x.b, c[0], x.want)
			}
		}
	})
}

func TestSplit(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for m := range 100 {
			p, next := tile.Split(m), 0
			least, most := tile.Rows(), 0
			for i := range p.Len() {
				row, height := p.At(i)
				if row != next {
					t.Fatalf("Split(%d): panel %d starts at %d, want %d", m, i, row, next)
				}
				next += height
				least, most = min(least, height), max(most, height)
			}
			if next != m || most > tile.Rows() || p.Len() > 0 && most-least > 1 || p.Len() != (m+tile.Rows()-1)/tile.Rows() {
				t.Fatalf("Split(%d): %d panels of %d to %d rows that end at %d", m, p.Len(), least, most, next)
			}
		}
	})
}

func BenchmarkMul(b *testing.B) {
	const depth = 256
	for _, cols := range []int{tile.Cols(), tile.Cols() - 1, tile.Lanes(), tile.Lanes() - 1} {
		for _, rows := range []int{tile.Rows(), tile.Rows() / 2, 1} {
			for _, inPlace := range []bool{false, true} {
				x, y, z := make([]float32, 16*(depth+8)), make([]float32, 32*depth), make([]float32, 14*40)
				a := tile.Args{A: pointer(x, 0), B: pointer(y, 0), C: pointer(z, 0), Outer: 1, Depth: depth,
					AStep: tile.RowStep(), BStep: tile.ColStep(cols), CStep: 160, Rows: rows, Cols: cols, InPlace: inPlace}
				if inPlace {
					a.AStep = 4 * (depth + 8)
				}
				b.Run(fmt.Sprintf("%dx%d/inplace=%v", rows, cols, inPlace), func(b *testing.B) {
					for b.Loop() {
						tile.Mul(&a)
					}
					b.ReportMetric(float64(2*rows*cols*depth)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	}
}

func FuzzMul(f *testing.F) {
	f.Add(uint64(1), uint8(14), uint8(32), uint8(2), uint8(5), uint8(0))
	f.Add(uint64(2), uint8(6), uint8(15), uint8(1), uint8(40), uint8(31))
	f.Fuzz(func(t *testing.T, seed uint64, rows, cols, outer, depth, mode uint8) {
		r := rand.New(rand.NewPCG(seed, 0))
		for l := cpu.Go; l <= cpu.Best(); l++ {
			before := cpu.Set(l)
			p := newProduct(r, 1+int(rows)%tile.Rows(), 1+int(cols)%tile.Cols(), int(outer)%4, int(depth)%70, mode&1 != 0, mode&2 != 0)
			p.args.Accumulate, p.args.ReLU = mode&4 != 0, mode&8 != 0
			p.check(t)
			cpu.Set(before)
		}
	})
}
