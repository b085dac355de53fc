package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/regularize"
)

// Worked by hand: the first of two channels has the larger mean, and 0.3 of its 8 is
// 2.4.
func TestFocusedDropoutAgainstHand(t *testing.T) {
	x := []float64{1, 2, 3, 8, 4, 4, 4, 0}
	f := focused(regularize.Participation(1), regularize.FocusBetween(0.3, 0.3))
	y, dx := try(t, f, graph.Shape{1, 2, 2, 2}, x).at(t, 0, constant(1, 8))
	wantClose(t, "y", y, []float64{0, 0, 3, 8, 0, 0, 4, 0}, 0)
	wantClose(t, "dx", dx, []float64{0, 0, 1, 1, 0, 0, 1, 1}, 0)

	y, _ = try(t, f, graph.Shape{1, 2, 2, 2}, x, graph.InMode(graph.Eval)).at(t, 0, constant(1, 8))
	wantClose(t, "y in evaluation", y, x, 0)
}

func TestFocusedDropoutOfOddSamples(t *testing.T) {
	nan := math.NaN()
	f := focused(regularize.Participation(1), regularize.FocusBetween(0.5, 0.5))
	for _, c := range []struct {
		name string
		x    []float64
		want []float64 // the factors, of two channels of three
	}{
		{"nothing positive", []float64{0, 0, 0, -1, -2, -3}, constant(1, 6)},
		{"all below", []float64{-4, -3, -2, -1, -2, -1}, constant(1, 6)},
		{"equal means", []float64{3, 1, 2, 2, 2, 2}, []float64{1, 0, 1, 1, 0, 1}},
		{"at the threshold", []float64{4, 2, 2.5, 1, 1, 1}, []float64{1, 0, 1, 1, 0, 1}},
		{"the second", []float64{1, 1, 1, 9, 0, 1}, []float64{1, 0, 0, 1, 0, 0}},
		{"infinite", []float64{math.Inf(1), 4, 1, 1, 1, 1}, constant(1, 6)},
		{"no number there", []float64{nan, 4, 1, 1, 1, 1}, []float64{1, 1, 0, 1, 1, 0}},
		{"no number elsewhere", []float64{4, 1, 1, 1, nan, 1}, []float64{1, 0, 0, 1, 0, 0}},
	} {
		_, dx := try(t, f, graph.Shape{1, 2, 3}, c.x).at(t, 0, constant(1, 6))
		wantClose(t, c.name, dx, c.want, 0)
	}
}

// A tenth of the steps takes part, with thresholds that are even between 0.3 and
// 0.6: a map that rises evenly from 0 to 1 is kept above the threshold.
func TestFocusedDropoutDraws(t *testing.T) {
	const steps, n = 20_000, 100
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i+1) / n
	}
	tr := try(t, focused(), graph.Shape{1, 1, n}, x)
	var thresholds []float32
	for step := range uint64(steps) {
		y, _ := tr.at(t, step, x)
		draw := philox.Block(philox.At(step, 0), philox.KeyOf(seed, "drop"))
		want := 0
		if mu := 0.3 + 0.3*float64(draw[1])*0x1p-32; float64(draw[0])*0x1p-32 < 0.1 {
			thresholds = append(thresholds, float32(mu))
			want = int(math.Floor(mu * n))
		}
		if dropped := count(y, 0); dropped != want {
			t.Fatalf("step %d drops %d of %d positions, want %d", step, dropped, n, want)
		}
	}
	parts := float64(len(thresholds))
	wantWithin(t, "participation", parts/steps, 0.1, 4*math.Sqrt(0.1*0.9/steps))
	mean, variance := moments(thresholds)
	wantWithin(t, "mean threshold", mean, 0.45, 4*math.Sqrt(0.09/12/parts))
	wantWithin(t, "variance of thresholds", variance, 0.09/12, 4*0.09*math.Sqrt(1./180/parts))
}

// A schedule is one of the part of batches.
func TestFocusedDropoutAtAScheduledRate(t *testing.T) {
	x := []float64{1, 2, 3, 8}
	tr := try(t, focused(regularize.Participation(0), regularize.LinearRate(1, 1)), graph.Shape{1, 1, 4}, x)
	y, _ := tr.at(t, 0, x)
	wantClose(t, "while it takes part", y[:1], []float64{0}, 0)
	y, _ = tr.at(t, 1, x)
	wantClose(t, "when it takes no part", y, x, 0)
}

func TestFocusedDropoutOnChannelsLastMemory(t *testing.T) {
	sameOnChannelsLast(t, focused(regularize.Participation(1)), graph.Shape{6, 70, 4, 5})
	sameOnChannelsLast(t, focused(regularize.Participation(0)), graph.Shape{6, 7, 4, 5})
}
