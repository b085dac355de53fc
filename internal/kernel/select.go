package kernel

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/internal/kernel/pool"
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
	keys, sorted, second := borrowSums(j.c), borrowSums(j.c), borrowSums(j.c)
	for n := lo; n < hi; n++ {
		j.sample(n, keys.values, sorted.values, second.values)
	}
	spareSums.GiveBack(keys)
	spareSums.GiveBack(sorted)
	spareSums.GiveBack(second)
}

func (j *selectJob[T]) sample(n int, keys, sorted, second []float64) {
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
	for c, v := range scores {
		block := philox.Block(philox.At(j.step, uint64(n*j.c+c)), j.key)
		keys[c], second[c] = math.Inf(-1), unit(block[1])
		if v > 0 {
			keys[c] = max(-math.MaxFloat64, math.Log(unit(block[0]))/float64(v)) // before what is not positive
		}
	}
	copy(sorted, keys)
	slices.Sort(sorted)
	least := sorted[j.c-j.m]
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
		case second[c] < j.p:
			k[c] = 0
		default:
			k[c] = T(total / selected)
		}
	}
}

// unit is a word as a number in (0, 1).
func unit(w uint32) float64 { return (float64(w) + 0.5) * 0x1p-32 }
