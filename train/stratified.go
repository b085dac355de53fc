package train

import (
	"cmp"
	"slices"

	"github.com/thinnet/thinnet/internal/guard"
)

// A SplitOption adjusts [Split] and [KFold].
type SplitOption func(*splitting)

type splitting struct{ stratified bool }

// Stratified gives each part its share of every class, to within one sample. A class
// of fewer samples than there are parts is missing from some. The targets are to be
// class indices.
func Stratified() SplitOption { return func(s *splitting) { s.stratified = true } }

// strataOf returns what each sample belongs to, counted from 0 in order of first
// appearance: its class with [Stratified], and all to one without.
func strataOf(ds Dataset, opts []SplitOption) ([]int, error) {
	var s splitting
	guard.Apply(&s, opts)
	if !s.stratified {
		n, err := lenOf(ds)
		return make([]int, max(0, n)), err
	}
	labels, err := labelsOf(ds)
	if err != nil {
		return nil, err
	}
	number := map[int]int{}
	for i, class := range labels {
		if _, seen := number[class]; !seen {
			number[class] = len(number)
		}
		labels[i] = number[class]
	}
	return labels, nil
}

// proportional says how many of each stratum make n samples in which they have the
// shares that they have in all: rounded down, and those that then lack go to the
// largest remainders, of equal ones to the first.
func proportional(strata []int, n int) []int {
	counts := make([]int, slices.Max(strata)+1)
	for _, s := range strata {
		counts[s]++
	}
	out, rest := make([]int, len(counts)), make([]int, len(counts))
	for s, count := range counts {
		out[s], rest[s] = n*count/len(strata), n*count%len(strata)
	}
	lacking := n
	for _, m := range out {
		lacking -= m
	}
	order := firstIndices(len(counts))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, s := range order[:lacking] {
		out[s]++
	}
	return out
}
