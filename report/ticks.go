package report

import (
	"math"
	"strconv"
	"strings"
)

// wholeTicks are whole numbers: all, or some five round ones if there are many.
func wholeTicks(low, high float64) (out []float64) {
	step := 1.0
	if high-low > 10 {
		_, _, step = rounded(low, high)
	}
	for v := math.Ceil(low/step) * step; v <= high; v += step {
		out = append(out, v)
	}
	return out
}

// rounded returns the axis of values between two, from one round number to another, and
// the distance of its ticks: 1, 2 or 5 times a power of ten, of which there are some five.
func rounded(low, high float64) (from, to, step float64) {
	rough := (high - low) / 5
	if !(rough > 0) || math.IsInf(rough, 0) {
		return low, high, 0
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, times := range []float64{10, 5, 2, 1} {
		if step == 0 || power*times >= rough {
			step = power * times
		}
	}
	const slack = 1e-9 // of what rounding makes of a value that is on a tick
	return step * math.Floor(low/step+slack), step * math.Ceil(high/step-slack), step
}

// ticks are those of an axis that rounded has made.
func ticks(from, to, step float64) (out []float64) {
	if step == 0 {
		return []float64{from}
	}
	for n := range int(math.Round((to-from)/step)) + 1 {
		out = append(out, (math.Round(from/step)+float64(n))*step)
	}
	return out
}

// logTicks are the powers of ten between two numbers above 0, with 2 and 5 times them if
// these are few, or some of them if they are many.
func logTicks(low, high float64) (out []float64) {
	times := []float64{1, 2, 5}
	if high/low > 1e3 {
		times = times[:1]
	}
	each := math.Ceil(math.Log10(high/low) / 8)
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power += each {
		for _, t := range times {
			if v := t * math.Pow(10, power); v >= low && v <= high {
				out = append(out, v)
			}
		}
	}
	return out
}

// label is a short form of a round number.
func label(v float64) string {
	size := math.Abs(v)
	if size < 1e-12 {
		return "0"
	}
	if size >= 1e-3 && size < 1e5 {
		s := strconv.FormatFloat(v, 'f', 6, 64)
		return strings.Replace(strings.TrimRight(strings.TrimRight(s, "0"), "."), "-", "−", 1)
	}
	return strings.Replace(strconv.FormatFloat(v, 'g', 3, 64), "-", "−", -1)
}
