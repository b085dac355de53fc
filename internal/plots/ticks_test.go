package plots

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestRoundTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{1.17, 1.61, "1.2 1.3 1.4 1.5 1.6"},
		{0, 15, "0 5 10 15"},
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0.0406, 0.0706, "0.05 0.06 0.07"},
		{-3e-7, 2e-7, "-0.0000003 -0.0000002 -0.0000001 0.0000000 0.0000001 0.0000002"},
		{1000, 9000, "2000 4000 6000 8000"},
	} {
		var got string
		for _, tick := range RoundTicks(c.lo, c.hi) {
			got += " " + tick.Label
		}
		if got != " "+c.want {
			t.Errorf("from %v to %v: got%s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

// A label is the number that it stands at.
func TestRoundTicksSayWhereTheyAre(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		scale := math.Pow(10, 12*r.Float64()-6)
		lo := scale * r.NormFloat64()
		hi := lo + scale*(0.01+r.Float64())
		ticks := RoundTicks(lo, hi)
		if len(ticks) < 2 || len(ticks) > 7 {
			t.Fatalf("from %v to %v: %d ticks, want 2 to 7", lo, hi, len(ticks))
		}
		for _, tick := range ticks {
			said, err := strconv.ParseFloat(tick.Label, 64)
			if err != nil || math.Abs(said-tick.Value) > 1e-9*(hi-lo)+1e-12*math.Abs(hi) || tick.Value < lo || tick.Value > hi {
				t.Fatalf("from %v to %v: a tick at %v says %s", lo, hi, tick.Value, tick.Label)
			}
		}
	}
	if len(RoundTicks(1, 1)) == 0 {
		t.Error("no ticks for a range of one value")
	}
}
