// Package pictures shows tensors as pictures: samples of images, and the filters that a
// model looks at them with.
package pictures

import (
	"image"
	"image/color"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// Sample returns sample i of x, of shape (n, 1, h, w) in grey or (n, 3, h, w) in red,
// green and blue; nil if x has none. Values from 0 to 1 are from black to white; a
// sample with others is stretched from its least to its greatest value.
func Sample(x *tensor.Dense, i int) image.Image {
	if x == nil || !Shape(x.Shape()) || i < 0 || i >= x.Shape()[0] {
		return nil
	}
	v := values(x)
	if v == nil {
		return nil
	}
	c, h, w := x.Shape()[1], x.Shape()[2], x.Shape()[3]
	v = v[i*c*h*w:][:c*h*w]
	low, high := bounds(v)
	if low >= 0 && high <= 1 {
		low, high = 0, 1
	}
	return paint(v, c, h, w, low, high)
}

// Shape says whether tensors of a shape hold pictures.
func Shape(s tensor.Shape) bool {
	return len(s) == 4 && (s[1] == 1 || s[1] == 3) && s[2] > 1 && s[3] > 1
}

// values are the elements in order, nil if they are not stored so or are no numbers that
// pictures have.
func values(x *tensor.Dense) []float64 {
	if x.RequiresIterator() || !x.DataOrder().IsRowMajor() {
		return nil
	}
	switch x.Dtype() {
	case tensor.Float32:
		return wide(graph.Data[float32](x))
	case tensor.Float64:
		return graph.Data[float64](x)
	case tensor.Uint8:
		return wide(x.Uint8s())
	}
	return nil
}

func wide[T float32 | uint8](v []T) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// bounds returns the least and the greatest of the numbers that are finite.
func bounds(v []float64) (low, high float64) {
	some := false
	for _, x := range v {
		if x-x != 0 {
			continue
		}
		if !some {
			low, high, some = x, x, true
		}
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// paint shows low in black and high in white. What is not a number is black.
func paint(v []float64, c, h, w int, low, high float64) image.Image {
	scale := 255 / (high - low)
	at := func(i int) uint8 {
		p := (v[i] - low) * scale
		if !(p > 0) {
			return 0
		}
		return uint8(min(p, 255) + 0.5)
	}
	box := image.Rect(0, 0, w, h)
	if c == 1 {
		img := image.NewGray(box)
		for i := range h * w {
			img.Pix[i] = at(i)
		}
		return img
	}
	img := image.NewNRGBA(box)
	for i := range h * w {
		img.SetNRGBA(i%w, i/w, color.NRGBA{R: at(i), G: at(h*w + i), B: at(2*h*w + i), A: 255})
	}
	return img
}
