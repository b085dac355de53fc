package regularize_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/regularize"
)

// channelDraws returns the numbers that the channels of all samples draw: for the
// selection, and for being dropped all the same.
func channelDraws(step uint64, n int) (u, drop []float64) {
	for e := range n {
		d := philox.Block(philox.At(step, uint64(e)), philox.KeyOf(seed, "drop"))
		u = append(u, (float64(d[0])+0.5)*0x1p-32)
		drop = append(drop, (float64(d[1])+0.5)*0x1p-32)
	}
	return u, drop
}

// Worked by hand: with equal draws, the two best of four scores are selected, and
// 10/7 makes up for the two others. A step whose draws are in another order selects
// others.
func TestWeightedChannelDropoutAgainstHand(t *testing.T) {
	x := []float64{4, 4, 3, 3, 2, 2, 1, 1}
	for _, c := range []struct {
		name string
		step uint64
		want []float64
	}{
		{"the best", stepOf(func(u []float64) bool { return isBest(u, 0, 1) }), []float64{10. / 7, 10. / 7, 10. / 7, 10. / 7, 0, 0, 0, 0}},
		{"the worst", stepOf(func(u []float64) bool { return isBest(u, 2, 3) }), []float64{0, 0, 0, 0, 10. / 3, 10. / 3, 10. / 3, 10. / 3}},
	} {
		y, dx := try(t, weighted(0, regularize.SelectRatio(0.5)), graph.Shape{1, 4, 2}, x).at(t, c.step, constant(1, 8))
		wantClose(t, c.name+": dx", dx, c.want, 1e-15)
		for i := range x {
			c.want[i] *= x[i]
		}
		wantClose(t, c.name+": y", y, c.want, 1e-14)
	}
}

// isBest says whether channels a and b of scores 4 3 2 1 have the largest keys.
func isBest(u []float64, a, b int) bool {
	keys := make([]float64, 4)
	for c := range keys {
		keys[c] = math.Pow(u[c], 1/float64(4-c))
	}
	least := min(keys[a], keys[b])
	for c, k := range keys {
		if c != a && c != b && k > least {
			return false
		}
	}
	return true
}

func stepOf(ok func(u []float64) bool) uint64 {
	for step := uint64(0); ; step++ {
		if u, _ := channelDraws(step, 4); ok(u) {
			return step
		}
	}
}

func TestWeightedChannelDropoutDropsSelectedOnes(t *testing.T) {
	const n, c, p = 9, 7, 0.3
	y, _ := try(t, weighted(p, regularize.SelectRatio(1)), graph.Shape{n, c, 1}, constant(1, n*c)).at(t, 2, constant(1, n*c))
	_, drop := channelDraws(2, n*c)
	for e, v := range y {
		want := 1.0
		if drop[e] < p {
			want = 0
		}
		if v != want {
			t.Fatalf("channel %d: got %v, want %v", e, v, want)
		}
	}
	y, dx := try(t, weighted(1), graph.Shape{1, 2, 1}, []float64{1, 2}).at(t, 0, constant(1, 2))
	wantClose(t, "y of p = 1", y, constant(0, 2), 0)
	wantClose(t, "dx of p = 1", dx, constant(0, 2), 0)
}

// Scores of 0, below 0, all of them, and what is no number.
func TestWeightedChannelDropoutOfOddScores(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name string
		x    []float64
		want []float64 // the factors
	}{
		{"zeros are last", []float64{0, 0, 5, 0}, []float64{1, 0, 1, 0}},
		{"so are those below", []float64{-3, 0, 5, -1}, []float64{1, 0, 1, 0}},
		{"all zeros", []float64{0, 0, 0, 0}, []float64{1, 1, 1, 1}},
		{"all below", []float64{-1, -2, -3, -4}, []float64{1, 1, 1, 1}},
		{"no number", []float64{nan, 1, 2, 3}, []float64{1, 1, 1, 1}},
		{"next to nothing", []float64{0, 1e-310, 0, 0}, []float64{1, 1, 0, 0}},
		{"infinite", []float64{inf, 1, 2, 3}, []float64{1, 1, 1, 1}},
	} {
		_, dx := try(t, weighted(0, regularize.SelectRatio(0.5)), graph.Shape{1, 4, 1}, c.x).at(t, 1, constant(1, 4))
		wantClose(t, c.name, dx, c.want, 0)
	}
}

// The selection of one of two channels is as likely as its score: 3 of 4. Of one
// sample of three channels with two to select, that with score s is left out with
// Σ over the orders of the other two.
func TestWeightedChannelDropoutRates(t *testing.T) {
	const n = 100_000
	scores := []float32{1, 2, 5}
	x := make([]float32, 0, 3*n)
	for range n {
		x = append(x, scores...)
	}
	y := sample(t, weighted(0, regularize.SelectRatio(2./3)), graph.Shape{n, 3, 1}, x)
	left := func(a, b, c float64) float64 { // the probability that c is last
		all := a + b + c
		return a/all*b/(b+c) + b/all*a/(a+c)
	}
	for c, want := range []float64{left(2, 5, 1), left(1, 5, 2), left(1, 2, 5)} {
		out := 0.0
		for i := range n {
			if y[3*i+c] == 0 {
				out++
			}
		}
		wantWithin(t, "left out", out/n, want, 4*math.Sqrt(want*(1-want)/n))
	}
	// What is kept adds up to what there was.
	for i := range n {
		if sum := y[3*i] + y[3*i+1] + y[3*i+2]; math.Abs(float64(sum)-8) > 1e-5 {
			t.Fatalf("sample %d adds up to %v, want 8", i, sum)
		}
	}
}

func TestWeightedChannelDropoutOnChannelsLastMemory(t *testing.T) {
	sameOnChannelsLast(t, weighted(0.2), graph.Shape{6, 70, 4, 5})
}

// Four in five channels are kept of any number.
func TestWeightedChannelDropoutSelectsByRatio(t *testing.T) {
	for c, want := range map[int]int{1: 1, 2: 2, 3: 2, 5: 4, 10: 8, 37: 30} {
		y, _ := try(t, weighted(0), graph.Shape{1, c, 1}, constant(1, c)).at(t, 0, constant(1, c))
		if kept := len(y) - count(y, 0); kept != want {
			t.Errorf("of %d channels %d are kept, want %d", c, kept, want)
		}
	}
}

func count(x []float64, v float64) int {
	return len(slices.DeleteFunc(slices.Clone(x), func(e float64) bool { return e != v }))
}
