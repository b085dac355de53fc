package tensorboard

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// A Histogram says how numbers are distributed.
type Histogram struct {
	Min, Max   float64 // of the numbers, 0 if there is none
	Sum        float64
	SumSquares float64
	// Counts has how many numbers lie in each bin. Bin i ends before Limits[i], where the
	// next one begins; the last limit is Max, which is in the last bin.
	Counts, Limits []float64
}

// bins is how many a histogram has; TensorBoard shows about half as many.
const bins = 64

// Bin counts numbers in bins of equal width, from the least to the greatest of them. NaN
// and infinities are left out.
func Bin[T float32 | float64](x []T) Histogram {
	h := Histogram{Min: math.Inf(1), Max: math.Inf(-1)}
	some := false
	for _, v := range x {
		f := float64(v)
		if f-f != 0 {
			continue
		}
		some = true
		h.Min, h.Max = min(h.Min, f), max(h.Max, f)
		h.Sum += f
		h.SumSquares += f * f
	}
	if !some {
		return Histogram{Counts: []float64{0}, Limits: []float64{0}}
	}
	n := bins
	if h.Min == h.Max {
		n = 1
	}
	h.Counts, h.Limits = make([]float64, n), make([]float64, n)
	width := h.Max/float64(n) - h.Min/float64(n) // of a difference that may be infinite
	for i := range h.Limits {
		h.Limits[i] = h.Min + float64(i+1)*width
	}
	h.Limits[n-1] = h.Max
	for _, v := range x {
		if f := float64(v); f-f == 0 {
			h.Counts[h.bin(f, width)]++
		}
	}
	return h
}

// bin returns the one of v: a guess, which is wrong by what rounding does to the limits.
func (h Histogram) bin(v, width float64) int {
	last := len(h.Limits) - 1
	i := 0
	if guess := v/width - h.Min/width; guess >= 0 {
		i = int(min(guess, float64(last)))
	}
	for i < last && v >= h.Limits[i] {
		i++
	}
	for i > 0 && v < h.Limits[i-1] {
		i--
	}
	return i
}

// Histogram adds a histogram: see [Bin].
func (w *Writer) Histogram(tag string, step int, h Histogram) error {
	return w.summary(tag, step, func() error {
		if err := h.check(); err != nil {
			return err
		}
		num := 0.0
		for _, c := range h.Counts {
			num += c
		}
		var b []byte
		for _, f := range []struct {
			n protowire.Number
			v float64
		}{
			{histogramMin, h.Min}, {histogramMax, h.Max}, {histogramNum, num},
			{histogramSum, h.Sum}, {histogramSquares, h.SumSquares},
		} {
			b = protowire.AppendFixed64(protowire.AppendTag(b, f.n, protowire.Fixed64Type), math.Float64bits(f.v))
		}
		b = appendBytes(b, histogramLimits, doubles(h.Limits))
		b = appendBytes(b, histogramCounts, doubles(h.Counts))
		w.value = appendBytes(w.value, valueHistogram, b)
		return nil
	})
}

func (h Histogram) check() error {
	switch {
	case len(h.Limits) == 0 || len(h.Limits) != len(h.Counts):
		return errors.Errorf("the histogram has %d limits and %d counts, want as many, at least 1", len(h.Limits), len(h.Counts))
	case !slices.IsSorted(h.Limits):
		return errors.Errorf("the limits of the histogram are %v, want them in order", h.Limits)
	}
	return nil
}

func doubles(v []float64) (b []byte) {
	for _, f := range v {
		b = protowire.AppendFixed64(b, math.Float64bits(f))
	}
	return b
}
