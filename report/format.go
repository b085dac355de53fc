package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/thinnet/thinnet/graph"
)

// number has four digits.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return strings.Replace(strings.TrimSuffix(strconv.FormatFloat(v, 'f', -1, 64), "Inf"), "-", "−", 1) + "∞"
	}
	size := math.Abs(v)
	if size != 0 && (size < 1e-3 || size >= 1e6) {
		return strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "-", "−", -1)
	}
	decimals := 4
	for limit := 10.0; decimals > 0 && size >= limit; limit *= 10 {
		decimals--
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', decimals, 64), "-", "−", 1)
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strconv.FormatFloat(100*v, 'f', 1, 64) + " %"
}

func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func shape(s graph.Shape) string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, " × ")
}
