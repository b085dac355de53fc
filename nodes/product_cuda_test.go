package nodes

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
)

func TestLinearOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 1))
	for _, s := range []struct{ rows, in, out int }{{1, 1, 1}, {3, 5, 7}, {65, 33, 130}, {2, 300, 64}, {700, 20, 3}} {
		x, w, b := randomOf(r, 0, 1, s.rows, s.in), randomOf(r, 0, 1, s.out, s.in), randomOf(r, 0, 1, s.out)
		dy := randomOf(r, 0, 1, s.rows, s.out)
		onBoth(t, linear{}, 1e-5, x, w)
		onBoth(t, linear{}, 1e-5, x, w, b)
		onBoth(t, linear{relu: true}, 1e-5, x, w, b)
		onBoth(t, linear{relu: true}, 1e-5, x, w)
		onBoth(t, linearGradX{}, 1e-5, dy, w)
		onBoth(t, linearGradW{}, 1e-5, dy, x)
		onBoth(t, biasGrad{1}, 1e-5, dy)
	}
	x := randomOf(r, 0, 1, 4, 3)
	x.Float32s()[4], x.Float32s()[7] = float32(math.NaN()), float32(math.Inf(-1))
	onBoth(t, linear{relu: true}, 1e-5, x, randomOf(r, 0, 1, 5, 3), randomOf(r, 0, 1, 5))
}

func TestBiasGradOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 1))
	for _, shape := range []graph.Shape{{1, 1}, {5, 3, 7}, {3, 2, 5000}, {9000, 70}, {2, 1, 3}, {70, 3, 40, 9}} {
		for axis := range shape {
			onBoth(t, biasGrad{axis}, 1e-5, randomOf(r, 0, 1, shape...))
		}
	}
}

func TestMatMulOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 1))
	a, b := randomOf(r, 0, 1, 2, 3, 5, 7), randomOf(r, 0, 1, 2, 3, 7, 4)
	onBoth(t, matMul{}, 1e-5, a, b)
	onBoth(t, matMul{c: []int{0, 2, 1, 3}}, 1e-5, a, b)
	onBoth(t, matMul{c: []int{0, 1, 3, 2}}, 1e-5, a, b)
	onBoth(t, matMul{a: []int{0, 2, 1, 3}, b: []int{0, 2, 3, 1}}, 1e-5, randomOf(r, 0, 1, 2, 5, 3, 7), randomOf(r, 0, 1, 2, 4, 3, 7))
	onBoth(t, matMul{}, 1e-5, randomOf(r, 0, 1, 70, 90), randomOf(r, 0, 1, 90, 65))
	for _, s := range [][3]int{{1, 1, 1}, {1, 4, 1}, {5, 1, 3}, {1, 1, 6}, {6, 3, 1}} {
		m, k, n := s[0], s[1], s[2]
		onBoth(t, matMul{}, 1e-5, randomOf(r, 0, 1, 2, m, k), randomOf(r, 0, 1, 2, k, n))
		onBoth(t, matMul{a: []int{0, 2, 1}}, 1e-5, randomOf(r, 0, 1, 2, k, m), randomOf(r, 0, 1, 2, k, n))
		onBoth(t, matMul{b: []int{0, 2, 1}}, 1e-5, randomOf(r, 0, 1, 2, m, k), randomOf(r, 0, 1, 2, n, k))
		onBoth(t, matMul{a: []int{0, 2, 1}, b: []int{0, 2, 1}}, 1e-5, randomOf(r, 0, 1, 2, k, m), randomOf(r, 0, 1, 2, n, k))
	}
}
