package gemm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/gemm"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// guard is a NaN with a payload that no arithmetic makes. It fills what lies
// between the rows of a matrix and around it.
var guard = math.Float32frombits(0x7fbadbad)

const margin = 40

// matrix returns a (rows, cols) matrix of random numbers with guards around.
func matrix(r *rand.Rand, rows, cols, stride int) []float32 {
	x := make([]float32, rows*stride+2*margin)
	for i := range x {
		x[i] = guard
	}
	x = x[margin+r.IntN(4):]
	for i := range rows {
		for j := range cols {
			x[i*stride+j] = r.Float32()*2 - 1
		}
	}
	return x
}

func random(r *rand.Rand, m, n, k, mode int) gemm.Product {
	p := gemm.Product{
		M: m, N: n, K: k,
		TransA: mode&1 != 0, TransB: mode&2 != 0, Accumulate: mode&4 != 0, ReLU: mode&8 != 0,
	}
	aRows, aCols, bRows, bCols := m, k, k, n
	if p.TransA {
		aRows, aCols = k, m
	}
	if p.TransB {
		bRows, bCols = n, k
	}
	p.AStride, p.BStride, p.CStride = aCols+r.IntN(4), bCols+r.IntN(4), n+r.IntN(4)
	p.A, p.B, p.C = matrix(r, aRows, aCols, p.AStride), matrix(r, bRows, bCols, p.BStride), matrix(r, m, n, p.CStride)
	if mode&16 != 0 {
		p.Bias = matrix(r, 1, n, n)
	}
	return p
}

// pack returns the product with its right operand packed.
func pack(p gemm.Product) gemm.Product {
	packed := make([]float32, gemm.PackedSize(p.N, p.K))
	gemm.Pack(packed, p.B, p.N, p.K, p.BStride, p.TransB)
	p.B, p.Packed = packed, true
	return p
}

// packLeft returns the product with its left operand packed, in two pieces.
func packLeft(p gemm.Product) gemm.Product {
	a, stride := p.A, p.AStride
	if p.TransA {
		stride = p.K
		a = make([]float32, p.M*p.K)
		for i := range p.M {
			for k := range p.K {
				a[i*p.K+k] = p.A[k*p.AStride+i]
			}
		}
	}
	packed := make([]float32, gemm.LeftSize(p.M, p.K))
	gemm.PackLeft(packed, a, p.M, p.K, stride, p.K/3, p.K)
	gemm.PackLeft(packed, a, p.M, p.K, stride, 0, p.K/3)
	p.A, p.Left = packed, true
	return p
}

func at(x []float32, stride, i, j int, trans bool) float64 {
	if trans {
		i, j = j, i
	}
	return float64(x[i*stride+j])
}

// check runs the product and compares it with the definition, in float64. A sum
// of n terms errs by at most n roundings, of half an ulp each.
func check(t *testing.T, p gemm.Product) {
	t.Helper()
	q := p
	if p.Packed {
		p = pack(p)
	}
	if p.Left {
		p = packLeft(p)
	}
	start := slices.Clone(p.C)
	p.Run()
	what := fmt.Sprintf("m %d, n %d, k %d, transA %v, transB %v, accumulate %v, bias %v, ReLU %v, packed %v, left %v",
		p.M, p.N, p.K, p.TransA, p.TransB, p.Accumulate, p.Bias != nil, p.ReLU, p.Packed, p.Left)
	for e, v := range p.C {
		i, j := e/p.CStride, e%p.CStride
		if i >= p.M || j >= p.N {
			if math.Float32bits(v) != math.Float32bits(guard) {
				t.Fatalf("%s: wrote at (%d, %d)", what, i, j)
			}
			continue
		}
		if p.M*p.N*p.K > 1<<19 && (i*p.N+j)%17 != 0 {
			continue // a sample of a large product will do
		}
		var want, magnitude float64
		add := func(x float64) { want += x; magnitude += math.Abs(x) }
		if p.Bias != nil {
			add(float64(p.Bias[j]))
		}
		if p.Accumulate {
			add(float64(start[e]))
		}
		for k := range p.K {
			add(at(q.A, q.AStride, i, k, q.TransA) * at(q.B, q.BStride, k, j, q.TransB))
		}
		if p.ReLU {
			want = max(want, 0)
		}
		if tol := float64(p.K+2) * 0x1p-24 * magnitude; !(math.Abs(float64(v)-want) <= tol) {
			t.Fatalf("%s: C[%d,%d] is %v, want %v ± %.1g", what, i, j, v, want, tol)
		}
	}
}

func TestProduct(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for range rounds() {
			m, n, k := 1+r.IntN(70), 1+r.IntN(100), 1+r.IntN(80)
			switch r.IntN(8) {
			case 0:
				m = 1 + r.IntN(3)
			case 1:
				n = 1 + r.IntN(3)
			case 2:
				k = r.IntN(3)
			case 3:
				k = 500 + r.IntN(600)
			}
			p := random(r, m, n, k, r.IntN(32))
			p.Packed, p.Left = r.IntN(2) == 1, r.IntN(3) == 1
			check(t, p)
		}
	})
}

// slow reports whether a product takes long: the race detector checks every
// pointer of the Go code.
func slow(m, n, k int) bool {
	return kerneltest.Race && cpu.Get() == cpu.Go && m*n*k > 1<<20
}

// rounds is how many products are tried. The race detector slows down the
// comparison by a factor of 20.
func rounds() int {
	if kerneltest.Race {
		return 20
	}
	return 150
}

// TestProductLarge takes the ways that small products do not.
func TestProductLarge(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, s := range [][3]int{{200, 50, 70}, {50, 200, 70}, {150, 130, 520}, {3, 300, 600}, {33, 90, 512}} {
			for mode := range 4 {
				p := random(r, s[0], s[1], s[2], mode)
				if mode == 0 && s[2] == 512 {
					p.AStride = 512 // rows that compete for cache lines
					p.A = matrix(r, p.M, p.K, 512)
				}
				check(t, p)
				p.Packed = true
				check(t, p)
			}
		}
	})
}

// rows returns the bits of rows [lo, hi) of C.
func rows(p gemm.Product, lo, hi int) []uint32 {
	var bits []uint32
	for i := lo; i < hi; i++ {
		for _, v := range p.C[i*p.CStride:][:p.N] {
			bits = append(bits, math.Float32bits(v))
		}
	}
	return bits
}

// TestSameBits: neither threads nor packing nor the number of rows change bits.
func TestSameBits(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, s := range [][3]int{{90, 70, 600}, {70, 150, 600}, {40, 33, 30}} {
			if slow(s[0], s[1], s[2]) {
				continue
			}
			for mode := range 4 {
				p := random(r, s[0], s[1], s[2], mode)
				p.Run()
				want := rows(p, 0, p.M)
				kerneltest.EachThreads(t, func(t *testing.T) {
					p.Run()
					if !slices.Equal(rows(p, 0, p.M), want) {
						t.Errorf("mode %d of %v: other bits than with one thread", mode, s)
					}
				})
				packed := pack(p)
				packed.Run()
				if !slices.Equal(rows(packed, 0, p.M), want) {
					t.Errorf("mode %d of %v: other bits with B packed", mode, s)
				}
				for _, q := range []gemm.Product{packLeft(p), packLeft(packed)} {
					q.Run()
					if !slices.Equal(rows(q, 0, q.M), want) {
						t.Errorf("mode %d of %v: other bits with A packed, B packed %v", mode, s, q.Packed)
					}
				}
				for few := 1; few < 20 && !p.TransA; few += 6 {
					for _, q := range []gemm.Product{p, packed} {
						q.M = few
						q.Run()
						if !slices.Equal(rows(q, 0, few), want[:few*p.N]) {
							t.Errorf("mode %d of %v: other bits for %d rows, packed %v", mode, s, few, q.Packed)
						}
					}
				}
			}
		}
	})
}

// TestSpecial: a zero does not hide a NaN or an infinity, on any way.
func TestSpecial(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			for _, s := range [][3]int{{2, 3, 5}, {1, 40, 7}, {40, 1, 7}, {70, 65, 64}, {65, 70, 64}} {
				for mode := range 4 {
					r := rand.New(rand.NewPCG(7, 8))
					p := random(r, s[0], s[1], s[2], mode)
					clear(p.A)
					for i := range p.B {
						p.B[i] = float32(bad)
					}
					p.Run()
					for i := range p.M {
						for j := range p.N {
							if v := p.C[i*p.CStride+j]; v == v {
								t.Fatalf("mode %d of %v: 0·%v is %v, want NaN", mode, s, bad, v)
							}
						}
					}
				}
			}
		}
	})
}

func TestShortSlice(t *testing.T) {
	for name, p := range map[string]gemm.Product{
		"C":      {M: 3, N: 4, K: 2, C: make([]float32, 11), CStride: 4, A: make([]float32, 6), AStride: 2, B: make([]float32, 8), BStride: 4},
		"A":      {M: 3, N: 4, K: 2, C: make([]float32, 12), CStride: 4, A: make([]float32, 5), AStride: 2, B: make([]float32, 8), BStride: 4},
		"B":      {M: 3, N: 4, K: 2, C: make([]float32, 12), CStride: 4, A: make([]float32, 6), AStride: 2, B: make([]float32, 7), BStride: 4},
		"packed": {M: 3, N: 4, K: 2, C: make([]float32, 12), CStride: 4, A: make([]float32, 6), AStride: 2, B: make([]float32, 7), Packed: true},
		"left":   {M: 3, N: 4, K: 2, C: make([]float32, 12), CStride: 4, A: make([]float32, 6), B: make([]float32, 8), BStride: 4, Left: true},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is too short, and nothing panicked", name)
				}
			}()
			p.Run()
		}()
	}
}

func TestAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, s := range [][3]int{{8, 8, 8}, {1, 300, 300}, {300, 200, 100}, {100, 300, 100}} {
		for mode := range 4 {
			p := random(r, s[0], s[1], s[2], mode)
			for _, p := range []gemm.Product{p, pack(p), packLeft(p)} {
				if n := testing.AllocsPerRun(20, p.Run); n >= 1 {
					t.Errorf("%v, mode %d, packed %v, left %v: %v allocations, want 0", s, mode, p.Packed, p.Left, n)
				}
			}
		}
	}
}

func FuzzProduct(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(40), uint16(9), uint8(0))
	f.Add(uint64(2), uint8(30), uint8(1), uint16(600), uint8(35))
	f.Fuzz(func(t *testing.T, seed uint64, m, n uint8, k uint16, mode uint8) {
		p := random(rand.New(rand.NewPCG(seed, 0)), int(m), int(n), int(k)%1200, int(mode))
		p.Packed, p.Left = mode&32 != 0, mode&64 != 0
		if p.M > 0 && p.N > 0 {
			check(t, p)
		}
	})
}

func TestBatch(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		for _, s := range [][3]int{{5, 6, 7}, {40, 70, 120}, {260, 300, 230}} {
			const batch = 3
			m, n, k := s[0], s[1], s[2]
			if slow(m, n, k) {
				continue
			}
			a, b, c := matrix(r, batch*m, k, k), matrix(r, n, k, k), matrix(r, batch*m, n, n)
			p := gemm.Product{M: m, N: n, K: k, A: a, AStride: k, B: b, BStride: k, TransB: true, C: c, CStride: n}
			of := gemm.Batch{Product: p, Outer: batch, Inner: 1, COuter: m * n, AOuter: m * k}
			of.Run()
			want := p
			want.C, want.M = matrix(r, batch*m, n, n), batch*m
			want.Run()
			if !slices.Equal(rows(want, 0, batch*m), rows(gemm.Product{C: c, CStride: n, N: n}, 0, batch*m)) {
				t.Errorf("%v: the batch differs from one product of all rows", s)
			}
		}
	})
}
