package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// WholeTicks marks whole numbers, some six of them.
func WholeTicks(lo, hi float64) (ticks []plot.Tick) {
	step := max(1, math.Round((hi-lo)/5))
	for v := math.Ceil(lo/step) * step; v <= hi; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.Itoa(int(v))})
	}
	return ticks
}

// RoundTicks marks some five multiples of 1, 2 or 5 times a power of ten, and labels
// them in full. The ticks of package plot may be 1.25, 1.45 and 1.65 under the labels
// 1.2, 1.4 and 1.6.
func RoundTicks(lo, hi float64) (ticks []plot.Tick) {
	if !(hi > lo) {
		return []plot.Tick{{Value: lo, Label: strconv.FormatFloat(lo, 'g', -1, 64)}}
	}
	rough := (hi - lo) / 5
	power := math.Floor(math.Log10(rough))
	times := 10.0
	for _, t := range []float64{5, 2, 1} {
		if rough <= t*math.Pow(10, power) {
			times = t
		}
	}
	if times == 10 {
		times, power = 1, power+1
	}
	step := times * math.Pow(10, power)
	for n := math.Ceil(lo / step); n*step <= hi; n++ {
		// 'f' of n·step rounded to the digits of the step is that number.
		ticks = append(ticks, plot.Tick{Value: n * step, Label: strconv.FormatFloat(n*step, 'f', max(0, int(-power)), 64)})
	}
	return ticks
}

// PowerTicks marks the powers of ten, and without a label what lies between.
func PowerTicks(lo, hi float64) (ticks []plot.Tick) {
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for k := 1.0; k < 10; k++ {
			v := k * math.Pow(10, e)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if k == 1 {
				t.Label = strconv.FormatFloat(v, 'e', 0, 64)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}
