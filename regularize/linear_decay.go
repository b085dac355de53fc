package regularize

import "math"

// LinearDecay returns the probability to drop block l of a stack of blocks, counted
// from 1, which rises in a line to p at the last one:
//
//	l/layers · p
//
// The first block has p/layers, as in the paper of [StochasticDepth], whose p is 0.5.
// timm starts at 0 instead: (l-1)/(layers-1) · p. For an l outside 1 to layers it is
// NaN, which every node reports.
func LinearDecay(l, layers int, p float64) float64 {
	if l < 1 || l > layers {
		return math.NaN()
	}
	return float64(l) / float64(layers) * p
}
