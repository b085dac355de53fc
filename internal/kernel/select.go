package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// SelectChannels writes factors for the channels of samples, both of shape (n, c).
// Of a sample it selects m channels at random without replacement, weighted by their
// scores: those with the largest keys log(u)/score, where u is even in (0, 1). Their
// factor is the sum of all scores over that of the selected ones, but 0 with
// probability p; that of the others is 0. A score that is not positive counts as 0,
// and is selected after all others, the first ones first. Where the scores of a
// sample add up to nothing, or to nothing finite, its factors are 1.
//
// Channel e of all reads block e of the step: the first word for u, the second one to
// be dropped.
//
// Source: Efraimidis, Spirakis, Weighted random sampling with a reservoir,
// Information Processing Letters 97, 2006, https://doi.org/10.1016/j.ipl.2005.11.003.
func SelectChannels[T Float](k, scores []T, key philox.Key, step uint64, n, c, m int, p float64) {
	pool.Run(n, max(1, 64/max(1, c)), selectJob[T]{k, scores, key, step, c, m, p})
}

type selectJob[T Float] struct {
	k, scores []T
	key       philox.Key
	step      uint64
	c, m      int
	p         float64
}

func (j *selectJob[T]) Do(lo, hi int) {
	keys, ordered, drawn := borrowSums(j.c), borrowSums(j.c), spareWords.Borrow()
	resize(&drawn.drawn, 4*j.c)
	for n := lo; n < hi; n++ {
		j.sample(n, keys.values, ordered.values, drawn.drawn)
	}
	spareSums.GiveBack(keys)
	spareSums.GiveBack(ordered)
	spareWords.GiveBack(drawn)
}

func (j *selectJob[T]) sample(n int, keys, ordered []float64, words []uint32) {
	k, scores := j.k[n*j.c:][:j.c], j.scores[n*j.c:][:j.c]
	total := 0.0
	for _, v := range scores {
		if !(v <= 0) {
			total += float64(v)
		}
	}
	if !(total > 0) || math.IsInf(total, 1) {
		fill(k, 1)
		return
	}
	vec.DrawWords(&vec.Draws{Key: j.key, Step: j.step}, words, uint64(n*j.c))
	for c, v := range scores {
		keys[c] = math.Inf(-1)
		if v > 0 {
			keys[c] = max(-math.MaxFloat64, math.Log(unit(words[4*c]))/float64(v)) // before what is not positive
		}
	}
	copy(ordered, keys)
	least := nth(ordered, j.c-j.m)
	equal := j.m // how many with the least key there is room for
	for _, key := range keys {
		if key > least {
			equal--
		}
	}
	selected := 0.0
	for c, key := range keys {
		k[c] = 0
		if key < least || key == least && equal == 0 {
			continue
		}
		if key == least {
			equal--
		}
		k[c] = 1
		selected += max(0, float64(scores[c]))
	}
	for c, v := range k {
		switch {
		case v == 0:
		case unit(words[4*c+1]) < j.p:
			k[c] = 0
		default:
			k[c] = T(total / selected)
		}
	}
}

// unit is a word as a number in (0, 1).
func unit(w uint32) float64 { return (float64(w) + 0.5) * 0x1p-32 }

// nth returns the element of x that n others precede in ascending order, and changes the
// order of x. There must be no NaN.
//
// Source: Hoare, Algorithm 65: Find, Communications of the ACM 4, 1961,
// https://doi.org/10.1145/366622.366647.
func nth(x []float64, n int) float64 {
	for len(x) > 1 {
		low, middle, high := x[0], x[len(x)/2], x[len(x)-1]
		pivot := max(min(low, middle), min(max(low, middle), high))
		i, j := 0, len(x)-1
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			x = x[:j+1]
		case n >= i:
			x, n = x[i:], n-i
		default:
			return x[n] // between the parts lie equals of the pivot
		}
	}
	return x[0]
}
