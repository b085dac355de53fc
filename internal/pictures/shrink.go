package pictures

import (
	"image"

	"golang.org/x/image/draw"
)

// Shrink makes a picture smaller whose longer side has more than so many pixels.
func Shrink(img image.Image, most int) image.Image {
	size := img.Bounds().Size()
	side := max(size.X, size.Y)
	if side <= most {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, max(1, size.X*most/side), max(1, size.Y*most/side)))
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}
