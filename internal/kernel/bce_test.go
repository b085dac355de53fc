package kernel

import (
	"fmt"
	"math"
	"testing"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func testBCE[T Float](t *testing.T) {
	x, target := normal[T](300, "x"), normal[T](300, "t")
	for i, v := range target {
		target[i] = T(sigmoid(float64(v)))
	}
	for _, weights := range [][]float64{nil, {2}, {0.5, 1, 3}} {
		losses, want := make([]T, 300), make([]float64, 300)
		for i := range x {
			p, q, y := sigmoid(float64(x[i])), sigmoid(-float64(x[i])), float64(target[i])
			w := 1.0
			if weights != nil {
				w = weights[i%len(weights)]
			}
			want[i] = -w*y*math.Log(p) - (1-y)*math.Log(q)
		}
		BCEWithLogits(losses, x, target, weights)
		near(t, fmt.Sprint("weights ", weights), losses, want, rounding[T]())
	}
}

func TestBCEWithLogits(t *testing.T) {
	testBCE[float32](t)
	testBCE[float64](t)
}

func TestBCEWithLogitsGradient(t *testing.T) {
	x, target, dloss := normal[float64](60, "x"), normal[float64](60, "t"), normal[float64](60, "dy")
	for i, v := range target {
		target[i] = sigmoid(v)
	}
	losses, dx := make([]float64, 60), make([]float64, 60)
	for _, weights := range [][]float64{nil, {2}, {0.5, 1, 3}} {
		BCEWithLogitsGrad(dx, x, target, dloss, weights)
		differences(t, fmt.Sprint("weights ", weights), x, dx, func() float64 {
			BCEWithLogits(losses, x, target, weights)
			return dot(losses, dloss)
		})
	}
}

// Far out the loss is |x| on the wrong side and e^-|x| on the right one. The
// gradient keeps what is left of e^-|x| where 1-t-sigmoid(-x) would round to 0.
func TestBCEWithLogitsFarOut(t *testing.T) {
	x := []float64{1000, -1000, 1000, -1000, 0, -50, 50}
	target := []float64{0, 1, 1, 0, 0.5, 0, 1}
	tail := math.Exp(-50)
	for _, weights := range [][]float64{nil, {1}} {
		losses, dx := make([]float64, 7), make([]float64, 7)
		BCEWithLogits(losses, x, target, weights)
		near(t, fmt.Sprint("losses, weights ", weights), losses, []float64{1000, 1000, 0, 0, math.Ln2, tail, tail}, 1e-15)
		if losses[5] == 0 || losses[6] == 0 {
			t.Errorf("weights %v: losses at ±50 are %v, want %v", weights, losses[5:], tail)
		}
		BCEWithLogitsGrad(dx, x, target, []float64{1, 1, 1, 1, 1, 1, 1}, weights)
		near(t, fmt.Sprint("dx, weights ", weights), dx, []float64{1, -1, 0, 0, 0, 0, 0}, 1e-15)
		if math.Abs(dx[5]/tail-1) > 1e-12 {
			t.Errorf("weights %v: dx at -50 is %v, want %v", weights, dx[5], tail)
		}
	}
}
