// Command winograd generates the transforms of Winograd's convolutions F(4x4,3x3)
// and F(2x2,5x5), over channels that lie side by side in memory.
//
// The matrices are those of the points 0, ±p, ±q and ∞ with pq = 1, where the
// rows of a pair of points differ in the sign of an odd part alone:
//
//	V = Bᵀ d B     1/p² and 1/q² are q² and p²:
//	    0:    d0 - (p²+q²) d2 + d4
//	    ±p:   (d4 - q² d2) ± p (d3 - q² d1)
//	    ±q:   (d4 - p² d2) ± q (d3 - p² d1)
//	    ∞:    d1 - (p²+q²) d3 + d5
//	y = Aᵀ m A, of m = 4 or 2 rows:
//	    y0   = m0 + (m1+m2) + (m3+m4)
//	    yi   = pⁱ (m1±m2) + qⁱ (m3±m4), + for even i
//	    ym-1 = pⁱ (m1-m2) + qⁱ (m3-m4) + m5
//	U = G g Gᵀ, of k = 3 or 5 taps:
//	    0:    g0
//	    ±p:   (g0 + p² g2 + p⁴ g4 ± p (g1 + p² g3)) / 2p²(p²-q²)
//	    ±q:   (g0 + q² g2 + q⁴ g4 ± q (g1 + q² g3)) / 2q²(q²-p²)
//	    ∞:    gk-1
//
// Both multiplications are done in registers: the rows of V (or y, or U) are
// made in pairs, each pair from all columns. Then nothing is kept in memory
// between them, but for filters of 5x5.
package main

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	p, q = math.Sqrt2 / 2, math.Sqrt2
	a, b = p * p, q * q
	atP  = 1 / (2 * a * (a - b)) // scale of the rows ±p of G
	atQ  = 1 / (2 * b * (b - a))
)

// A set is what differs between AVX-512 and AVX2.
type set struct {
	suffix string
	lanes  int
	all    []VecPhysical
	held   []VecPhysical              // 12 for the pair of rows being made
	t      []VecPhysical              // 4 for what lives shortly
	konst  func(f float64) Op         // a vector of copies
	keep   func(s *set, f ...float64) // in registers from now on, where there are enough

	masked bool // whether the code being made uses masks

	// setMasks makes the masks of n columns from a register with a bit for
	// each, for the channels that remain; load and store apply that of column j.
	setMasks func(n int, cols, remain Register)
	prepare  func(j int) // before loads from column j
	load     func(j int, m Mem, v VecPhysical)
	store    func(j int, v VecPhysical, m Mem)
}

func main() {
	isa.Tags()
	for _, s := range []func() *set{avx512, avx2} {
		s().input()
		for _, k := range []int{3, 5} {
			s().gradient(k)
			s().output(k)
			s().filter(k, false)
			s().filter(k, true)
			s().filterGradient(k)
		}
		s().sum()
	}
	fetch()
	Generate()
}

// name returns that of a function for filters of k x k taps.
func (s *set) name(of string, k int) string { return fmt.Sprint(of, s.suffix, "k", k) }

// powers returns the first n of x, times scale.
func powers(x, scale float64, n int) []float64 {
	f := make([]float64, n)
	for i := range f {
		f[i] = scale * math.Pow(x, float64(i))
	}
	return f
}

// pair leaves e + c·o in e and e - c·o in other. o is lost. A multiplication and
// two sums occupy the units better than two of both kinds in one.
func (s *set) pair(e, o, other VecPhysical, c float64) {
	VMULPS(s.konst(c), o, o)
	VSUBPS(o, e, other)
	VADDPS(o, e, e)
}

// each emits body for blocks of lanes of channels. step moves the pointers on.
// The body is there twice, once without masks, which are slow.
func (s *set) each(n int, cols, remain Register, body, step func()) {
	Label("masks")
	s.setMasks(n, cols, remain)
	Label("loop")
	CMPQ(remain, U8(s.lanes))
	JLT(LabelRef("part"))
	CMPQ(cols, U8(1<<n-1))
	JNE(LabelRef("part"))
	s.masked = false
	body()
	JMP(LabelRef("next"))
	Label("part")
	s.masked = true
	body()
	Label("next")
	step()
	SUBQ(U8(s.lanes), remain)
	JLE(LabelRef("done"))
	CMPQ(remain, U8(s.lanes))
	JGE(LabelRef("loop"))
	JMP(LabelRef("masks"))
	Label("done")
	VZEROUPPER()
	RET()
}

// elements loads a parameter that counts floats, in bytes.
func elements(name string) Register {
	r := Load(Param(name), GP64())
	SHLQ(U8(2), r)
	return r
}

// times3 returns 3·r.
func times3(r Register) Register {
	t := GP64()
	LEAQ(Mem{Base: r, Index: r, Scale: 2}, t)
	return t
}

// everySixth returns the addresses of points i, 6·i steps from the register.
func everySixth(step Register) func(from Register, i int) Mem {
	step6 := GP64()
	IMUL3Q(U8(6), step, step6)
	step18, step30 := times3(step6), GP64()
	LEAQ(Mem{Base: step6, Index: step6, Scale: 4}, step30)
	return func(from Register, i int) Mem {
		at := Mem{Base: from}
		switch i {
		case 1, 2, 4:
			at.Index, at.Scale = step6, uint8(i)
		case 3:
			at.Index, at.Scale = step18, 1
		case 5:
			at.Index, at.Scale = step30, 1
		}
		return at
	}
}

// fetch emits the fetching of lines to the second level of the cache.
func fetch() {
	TEXT("fetchLines", NOSPLIT, "func(lines int, p *float32)")
	Doc("fetchLines asks for lines of 64 bytes, and waits for none.")
	Pragma("noescape")
	n, ptr := Load(Param("lines"), GP64()), Load(Param("p"), GP64())
	Label("loop")
	PREFETCHT1(Mem{Base: ptr})
	ADDQ(U8(64), ptr)
	DECQ(n)
	JNZ(LabelRef("loop"))
	RET()
}
