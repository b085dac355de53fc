package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
)

// allMasks returns what dropout with p = 1/2 makes of x under each of its 2ⁿ
// masks.
func allMasks(t *testing.T, x ...float64) [][]float64 {
	t.Helper()
	drop := try(t, dropout(0.5), graph.Shape{len(x)}, x)
	var out [][]float64
	for mask := range 1 << len(x) {
		keep := make([]int, len(x))
		for i := range keep {
			keep[i] = mask >> i & 1
		}
		y, _ := drop.at(t, stepThat("drop", 0.5, keep...), constant(1, len(x)))
		out = append(out, y)
	}
	return out
}

// A linear unit in evaluation gives the mean over all masks.
func TestMeanOverAllMasksIsEvaluation(t *testing.T) {
	total := 0.0
	for _, y := range allMasks(t, 1, 1, 1) {
		total += 1*y[0] + 2*y[1] + 3*y[2]
	}
	if got := total / 8; got != 6 {
		t.Errorf("got a mean of %v, want 6", got)
	}
}

// A softmax layer in evaluation gives the normalised geometric mean over all
// masks. Here two inputs bring the logits (0.5, 0) and (0, 1).
func TestGeometricMeanOverAllMasksIsEvaluation(t *testing.T) {
	logs := make([]float64, 2)
	for _, y := range allMasks(t, 0.5, 1) {
		norm := math.Log(math.Exp(y[0]) + math.Exp(y[1]))
		logs[0] += (y[0] - norm) / 4
		logs[1] += (y[1] - norm) / 4
	}
	z := math.Exp(logs[0]) + math.Exp(logs[1])
	wantClose(t, "geometric mean", []float64{math.Exp(logs[0]) / z, math.Exp(logs[1]) / z}, []float64{0.377541, 0.622459}, 5e-7)
}

// Dropout of the inputs of a linear regression is ridge regression:
//
//	E ‖t - (k·X)w‖² = ‖t - Xw‖² + p/q · Σ_j w_j² Σ_i X_ij²
//
// By hand, the right sides are 6.25 + 1·2.25·5 and 25 + ⅓·(4·1.25 + 1·13).
func TestDropoutOnLinearRegressionIsRidge(t *testing.T) {
	for _, c := range []struct {
		x, target, w []float64
		p, want      float64
	}{
		{[]float64{1, 2}, []float64{3, 5}, []float64{1.5}, 0.5, 17.5},
		{[]float64{1, -2, 0.5, 3}, []float64{1, 2}, []float64{2, -1}, 0.25, 31},
	} {
		const copies = 100_000
		samples, features := len(c.target), len(c.w)
		x := make([]float32, 0, copies*len(c.x))
		for range copies {
			for _, v := range c.x {
				x = append(x, float32(v))
			}
		}
		y := sample(t, dropout(c.p), graph.Shape{copies, samples, features}, x)
		losses := make([]float32, copies)
		for i := range losses {
			for s, target := range c.target {
				d := target
				for j, w := range c.w {
					d -= w * float64(y[(i*samples+s)*features+j])
				}
				losses[i] += float32(d * d)
			}
		}
		mean, variance := moments(losses)
		wantWithin(t, "mean loss", mean, c.want, 4*math.Sqrt(variance/copies))
	}
}
