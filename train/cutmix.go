package train

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// CutMix puts a box of another image of the batch into every image, all at one place,
// and mixes the targets by area:
//
//	x = x' inside of the box, else x;   t = λ·t + (1-λ)·t',   λ = 1 - area of the box / area
//
// The box has the shape of an image and sides of √(1-λ) of it for one λ ~ Beta(alpha,
// alpha); its centre is drawn evenly, and what reaches over the border is cut off, after
// which λ is that of the area left. The paper has alpha 1; its program mixes every second
// batch of CIFAR, so [MixProbability](0.5), and every one of ImageNet.
//
// Shapes: x is (n, c, h, w) or (n, h, w); (n, c, l) would be taken for the latter. What
// targets become, options and errors are as for [Mixup].
//
// Source: Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers with
// Localizable Features, ICCV 2019, https://arxiv.org/abs/1905.04899.
func CutMix(alpha float64, classes int, opts ...MixOption) BatchTransform {
	return mix{name: "CutMix", alpha: alpha, classes: classes, images: cutAndPaste}.transform(opts)
}

func cutAndPaste(r *rand.Rand, lambda float64, x *tensor.Dense, partner []int) (*tensor.Dense, float64, error) {
	shape := x.Shape()
	if len(shape) != 3 && len(shape) != 4 {
		return nil, 0, errors.Errorf("x has shape %v, want (n, c, h, w) or (n, h, w)", shape)
	}
	h, w := shape[len(shape)-2], shape[len(shape)-1]
	side := math.Sqrt(1 - lambda)
	x0, x1 := span(r.IntN(w), w, side)
	y0, y1 := span(r.IntN(h), h, side)
	from := x.Float32s()
	out := append([]float32(nil), from...)
	planes := len(from) / (len(partner) * h * w)
	for i, p := range partner {
		for c := range planes {
			for row := y0; row < y1; row++ {
				at := (c*h + row) * w
				copy(out[i*planes*h*w+at:][x0:x1], from[p*planes*h*w+at:][x0:x1])
			}
		}
	}
	share := 1 - float64((x1-x0)*(y1-y0))/float64(h*w)
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(out)), share, nil
}

// span returns the part of an axis of length n that a box covers: around a centre, by a
// share of the axis.
func span(centre, n int, share float64) (lo, hi int) {
	half := int(share * float64(n) / 2)
	return max(0, centre-half), min(n, centre+half)
}
