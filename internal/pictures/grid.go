package pictures

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// Grid puts pictures of one size side by side and below each other, enlarged by whole
// numbers so that small ones can be seen. What is between them is transparent. It is nil if there is none.
func Grid(pictures []image.Image) image.Image {
	if len(pictures) == 0 {
		return nil
	}
	const least, gap = 32, 4
	size := pictures[0].Bounds().Size()
	times := max(1, (least+min(size.X, size.Y)-1)/min(size.X, size.Y))
	size = size.Mul(times)
	columns := int(math.Ceil(math.Sqrt(float64(len(pictures)))))
	rows := (len(pictures) + columns - 1) / columns
	out := image.NewNRGBA(image.Rect(0, 0, columns*(size.X+gap)-gap, rows*(size.Y+gap)-gap))
	for i, p := range pictures {
		at := image.Pt(i%columns*(size.X+gap), i/columns*(size.Y+gap))
		draw.NearestNeighbor.Scale(out, image.Rectangle{Min: at, Max: at.Add(size)}, p, p.Bounds(), draw.Src, nil)
	}
	return out
}
