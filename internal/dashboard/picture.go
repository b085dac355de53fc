package dashboard

import (
	"bytes"
	"image"
	"image/png"

	"github.com/pkg/errors"
	"golang.org/x/image/draw"
)

// most is the longer side of a picture, in pixels.
const most = 128

// PNG encodes a picture for [Info], a large one made smaller.
func PNG(img image.Image) ([]byte, error) {
	size := img.Bounds().Size()
	if side := max(size.X, size.Y); side > most {
		small := image.NewNRGBA(image.Rect(0, 0, max(1, size.X*most/side), max(1, size.Y*most/side)))
		draw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
		img = small
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), errors.WithStack(err)
}
