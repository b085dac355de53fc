package dashboard

import (
	"bytes"
	"image"
	"image/color"
	"image/png"

	"github.com/pkg/errors"
	"golang.org/x/image/draw"
)

// most is the longer side of a picture, in pixels.
const most = 128

// Picture returns a PNG of a sample of c planes of h rows of w values, which has 1 plane
// or 3, red, green and blue. low is black and high is white.
func Picture(data []float32, c, h, w int, low, high float32) ([]byte, error) {
	if c != 1 && c != 3 || h < 1 || w < 1 || len(data) != c*h*w {
		return nil, errors.Errorf("%d values for a picture of %d x %d x %d", len(data), c, h, w)
	}
	at := func(plane, i int) uint8 {
		v := (data[min(plane, c-1)*h*w+i] - low) / (high - low)
		if !(v > 0) { // nor NaN
			return 0
		}
		return uint8(min(v, 1)*255 + 0.5)
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		img.SetNRGBA(i%w, i/w, color.NRGBA{at(0, i), at(1, i), at(2, i), 255})
	}
	var shown image.Image = img
	if side := max(h, w); side > most {
		small := image.NewNRGBA(image.Rect(0, 0, max(1, w*most/side), max(1, h*most/side)))
		draw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
		shown = small
	}
	var b bytes.Buffer
	err := png.Encode(&b, shown)
	return b.Bytes(), errors.WithStack(err)
}
