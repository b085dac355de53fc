package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// eachLevel runs f at every level above Go that the machine has.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	for l := cpu.Go + 1; l <= cpu.Best(); l++ {
		t.Run(l.String(), func(t *testing.T) {
			defer cpu.Set(cpu.Set(l))
			f(t)
		})
	}
}

// inGo runs f at the level of Go.
func inGo(f func()) {
	defer cpu.Set(cpu.Set(cpu.Go))
	f()
}

// lengths has every remainder of the vectors and of their groups, and more than
// a call of assembly takes.
func lengths() []int {
	var n []int
	for i := range 2*64 + 1 {
		n = append(n, i)
	}
	return append(n, 1000, chunk, chunk+77)
}

// special are values that need care in float32.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -2,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), -float32(math.NaN()),
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-40, math.MaxFloat32, -math.MaxFloat32,
}

// mixed returns n numbers, normal but for one in eight that is special.
func mixed(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		if x[i] = float32(r.NormFloat64()); r.IntN(8) == 0 {
			x[i] = special[r.IntN(len(special))]
		}
	}
	return x
}

func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

const guard = 12345.25

// guarded returns a slice of n elements, off floats past the start of an array
// that ends soon after it, and a check that nothing around it was written.
func guarded(t *testing.T, n, off int) (y []float32, check func(name string)) {
	all := make([]float32, off+n+32)
	for i := range all {
		all[i] = guard
	}
	return all[off : off+n : off+n], func(name string) {
		t.Helper()
		for i, v := range all {
			if (i < off || i >= off+n) && v != guard {
				t.Fatalf("%s wrote outside of its %d elements, at %d", name, n, i-off)
			}
		}
	}
}

// testLoop compares f with what it computes in Go: to the bit, or by near.
func testLoop(t *testing.T, name string, inputs int, near func(got, want float32) bool, f func(y []float32, in [][]float32)) {
	t.Helper()
	if near == nil {
		near = same
	}
	eachLevel(t, func(t *testing.T) {
		t.Helper()
		for _, n := range lengths() {
			off := n % 5
			in := make([][]float32, inputs)
			for i := range in {
				in[i] = mixed(n+off+i, uint64(100*n+i))[off+i:][:n:n]
			}
			want := make([]float32, n)
			inGo(func() { f(want, in) })
			y, check := guarded(t, n, off)
			f(y, in)
			compare(t, name, y, want, near)
			check(name)
			for i := range in { // in place
				aliased := append([][]float32{}, in...)
				aliased[i] = append([]float32{}, in[i]...)
				f(aliased[i], aliased)
				compare(t, fmt.Sprint(name, " over input ", i), aliased[i], want, near)
			}
		}
	})
}

func compare(t *testing.T, name string, got, want []float32, near func(got, want float32) bool) {
	t.Helper()
	for i, w := range want {
		if !near(got[i], w) {
			t.Fatalf("%s: element %d of %d: got %v (%#x), want %v (%#x)", name, i, len(want),
				got[i], math.Float32bits(got[i]), w, math.Float32bits(w))
		}
	}
}
