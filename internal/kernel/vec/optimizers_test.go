package vec

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// optimizers update the first slice, by the last one.
var optimizers = []struct {
	name   string
	slices int
	f      func(x [][]float32, limit, decay float32)
}{
	{"Descend", 2, func(x [][]float32, l, d float32) { Descend(x[0], x[1], 0.7, l, d, 0.1) }},
	{"Roll", 3, func(x [][]float32, l, d float32) { Roll(x[0], x[1], x[2], 0.7, l, d, 0.9, 0.8, 0.1) }},
	{"Nesterov", 3, func(x [][]float32, l, d float32) { Nesterov(x[0], x[1], x[2], 0.7, l, d, 0.9, 1, 0.9, 0.1) }},
	{"Adam", 4, func(x [][]float32, l, d float32) {
		Adam(x[0], x[1], x[2], x[3], 0.7, l, d, 0.99, 0.9, 0.1, 0.999, 0.001, 1e-3, 0.2, 1e-8)
	}},
	{"Amsgrad", 5, func(x [][]float32, l, d float32) {
		Amsgrad(x[0], x[1], x[2], x[3], x[4], 0.7, l, d, 1, 0.9, 0.1, 0.999, 0.001, 1e-3, 0.2, 1e-8)
	}},
	{"Rmsprop", 3, func(x [][]float32, l, d float32) { Rmsprop(x[0], x[1], x[2], 0.7, l, d, 0.99, 0.01, 1e-8, 0.1) }},
	{"RmspropMomentum", 4, func(x [][]float32, l, d float32) {
		RmspropMomentum(x[0], x[1], x[2], x[3], 0.7, l, d, 0.99, 0.01, 1e-8, 0.9, 0.1)
	}},
	{"RmspropCentered", 4, func(x [][]float32, l, d float32) {
		RmspropCentered(x[0], x[1], x[2], x[3], 0.7, l, d, 0.99, 0.01, 1e-8, 0.1)
	}},
	{"RmspropBoth", 5, func(x [][]float32, l, d float32) {
		RmspropBoth(x[0], x[1], x[2], x[3], x[4], 0.7, l, d, 0.99, 0.01, 1e-8, 0.9, 0.1)
	}},
	{"Adagrad", 3, func(x [][]float32, l, d float32) { Adagrad(x[0], x[1], x[2], 0.7, l, d, 0.1, 1e-10) }},
}

// The levels round alike where the compiler of Go fuses no product with a sum, as
// on amd64.
func TestOptimizers(t *testing.T) {
	inf := float32(math.Inf(1))
	eachLevel(t, func(t *testing.T) {
		for _, c := range optimizers {
			for _, n := range lengths() {
				limit, decay := inf, float32(0)
				if n%3 == 1 {
					limit, decay = 0.5, 0.01
				}
				want, got := make([][]float32, c.slices), make([][]float32, c.slices)
				checks := make([]func(string), c.slices)
				for i := range want {
					want[i] = mixed(n, uint64(10*n+i))
					got[i], checks[i] = guarded(t, n, (n+i)%4)
					copy(got[i], want[i])
				}
				for range 2 {
					inGo(func() { c.f(want, limit, decay) })
					c.f(got, limit, decay)
				}
				for i := range want {
					name := fmt.Sprintf("%s, slice %d", c.name, i)
					compare(t, name, got[i], want[i], same)
					checks[i](name)
				}
			}
		}
	})
}

// Of a constant gradient the variance is zero up to rounding, below zero as often as
// above.
func TestCentredRMSPropOfAConstantGradient(t *testing.T) {
	const n = 200
	for level := cpu.Go; level <= cpu.Best(); level++ {
		before := cpu.Set(level)
		p, v, b, a, grad := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range grad {
			grad[i] = float32(i+1) / 97
		}
		inf := float32(math.Inf(1))
		for range 3000 {
			RmspropCentered(p, v, a, grad, 1, inf, 0, 0.99, 0.01, 1e-8, 0.1)
			RmspropBoth(p, v, b, a, grad, 1, inf, 0, 0.99, 0.01, 1e-8, 0.9, 0.1)
		}
		for i, v := range p {
			if v != v {
				t.Errorf("level %v: parameter %d is NaN", level, i)
				break
			}
		}
		cpu.Set(before)
	}
}
