package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An interval is where a number lies.
type interval struct {
	low, high         float64
	lowOpen, highOpen bool
}

// parseInterval reads a tag such as [0,1) or (0,inf), which is of this program.
func parseInterval(tag string) interval {
	low, high, _ := strings.Cut(tag[1:len(tag)-1], ",")
	l, errLow := strconv.ParseFloat(low, 64)
	h, errHigh := strconv.ParseFloat(high, 64)
	if errLow != nil || errHigh != nil {
		panic("config: malformed interval " + tag)
	}
	return interval{l, h, tag[0] == '(', tag[len(tag)-1] == ')'}
}

// has says whether x, which may be NaN, is in it.
func (i interval) has(x float64) bool {
	return (x > i.low || x == i.low && !i.lowOpen) && (x < i.high || x == i.high && !i.highOpen)
}

// words print it, as in 0 ≤ p < 1.
func (i interval) words(x string) string {
	sign := func(open bool) string {
		if open {
			return "<"
		}
		return "≤"
	}
	print := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	low := print(i.low)
	switch {
	case math.IsInf(i.high, 1) && i.highOpen && i.lowOpen:
		return "above " + low
	case math.IsInf(i.high, 1) && i.highOpen:
		return "of at least " + low
	}
	high := strings.ToLower(strings.TrimPrefix(print(i.high), "+"))
	return fmt.Sprintf("with %s %s %s %s %s", low, sign(i.lowOpen), x, sign(i.highOpen), high)
}
