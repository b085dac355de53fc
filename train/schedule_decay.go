package train

import "math"

// StepLR multiplies the rate by gamma after every span; at step t, a span
// being n steps long:
//
//	lr = base · gamma^⌊t/n⌋
//
// 0 ≤ gamma < ∞. In PyTorch: StepLR.
func StepLR(every Span, gamma float64) Schedule {
	err := checkRange("gamma", gamma, 0, math.Inf(1))
	return timed("StepLR", every, err, func(base, t, n float64) float64 {
		return base * math.Pow(gamma, math.Floor(t/n))
	})
}

// Exponential multiplies the rate by gamma over every span, little by little;
// at step t, a span being n steps long:
//
//	lr = base · gamma^(t/n)
//
// 0 ≤ gamma < ∞. PyTorch's ExponentialLR is Exponential(InSteps(1), gamma)
// where it is stepped every step, and StepLR(InEpochs(1), gamma) where it is
// stepped every epoch.
func Exponential(every Span, gamma float64) Schedule {
	err := checkRange("gamma", gamma, 0, math.Inf(1))
	return timed("Exponential", every, err, func(base, t, n float64) float64 {
		return base * math.Pow(gamma, t/n)
	})
}

// LinearDecay lowers the rate to 0 along a line; at step t of a total of n:
//
//	lr = base · max(0, 1 - t/n)
//
// In PyTorch: LinearLR from 1 to 0.
func LinearDecay(total Span) Schedule {
	return timed("LinearDecay", total, nil, func(base, t, n float64) float64 {
		return base * max(0, 1-t/n)
	})
}

// Cosine lowers the rate to min along half a cosine, and keeps it there; at
// step t ≤ n of a total of n:
//
//	lr = min + (base - min) · (1 + cos(π·t/n)) / 2
//
// 0 ≤ min < ∞. In PyTorch: CosineAnnealingLR, which after the total rises again.
//
// Source: Loshchilov, Hutter, SGDR: Stochastic Gradient Descent with Warm
// Restarts, https://arxiv.org/abs/1608.03983.
func Cosine(total Span, min float64) Schedule {
	err := checkRange("min", min, 0, math.Inf(1))
	return timed("Cosine", total, err, func(base, t, n float64) float64 {
		if t >= n {
			return min
		}
		return between(base, min, t/n)
	})
}
