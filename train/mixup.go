package train

import (
	"math/rand/v2"

	"gorgonia.org/tensor"
)

// Mixup replaces every sample of a batch by a mixture with another one of it, and its
// target likewise:
//
//	x = λ·x + (1-λ)·x',   t = λ·t + (1-λ)·t'
//
// with one λ ~ Beta(alpha, alpha) for the batch. The paper has alpha 1 for CIFAR, and
// 0.1 to 0.4 for ImageNet. x becomes float32 and may have any shape.
//
// Targets that are classes become probabilities of shape (n, classes), for a loss that
// takes them, as [nodes.CrossEntropy] does; those of values are mixed as they are, and
// classes is not looked at. Metrics compare with the class that has the largest share.
//
// Options: [MixProbability]. For pieces of images put together there is [CutMix].
//
// alpha that is not above 0, and classes below 2 or not above the targets are errors.
//
// Source: Zhang, Cisse, Dauphin, Lopez-Paz, mixup: Beyond Empirical Risk Minimization,
// ICLR 2018, https://arxiv.org/abs/1710.09412.
func Mixup(alpha float64, classes int, opts ...MixOption) BatchTransform {
	images := func(_ *rand.Rand, lambda float64, x *tensor.Dense, partner []int) (*tensor.Dense, float64, error) {
		return blend(x, partner, lambda), lambda, nil
	}
	return mix{name: "Mixup", alpha: alpha, classes: classes, images: images}.transform(opts)
}
