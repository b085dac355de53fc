package kernel

import (
	"fmt"
	"math"
	"testing"
)

var nllCases = []NLL{
	{Outer: 6, Classes: 5, Inner: 1},
	{Outer: 3, Classes: 4, Inner: 5, Ignore: true, IgnoreIndex: -100},
	{Outer: 3, Classes: 4, Inner: 5, Smoothing: 0.1},
	{Outer: 7, Classes: 3, Inner: 1, Weights: []float64{0.5, 2, 1.25}},
	{Outer: 2, Classes: 3, Inner: 6, Weights: []float64{0.5, 0, 1.25}, Smoothing: 0.3, Ignore: true, IgnoreIndex: 1},
	{Outer: 3, Classes: 3, Inner: 2, Smoothing: 1},
	{Outer: 40, Classes: 10, Inner: 100, Smoothing: 0.1, Ignore: true, IgnoreIndex: 3},
}

// targets runs through the classes; where the ignored index is none of them, it
// is that of every third position.
func (n *NLL) targets() []int {
	target := make([]int, n.Outer*n.Inner)
	for p := range target {
		target[p] = (p*p + p/3) % n.Classes
		if n.Ignore && n.IgnoreIndex < 0 && p%3 == 0 {
			target[p] = n.IgnoreIndex
		}
	}
	return target
}

// nllReference is the sum that defines smoothing: the cross-entropy against the
// target mixed with the uniform distribution, each class weighted.
func nllReference[T Float](n *NLL, logp []T, target []int) (losses []float64, weight float64) {
	losses = make([]float64, n.Outer*n.Inner)
	for p, t := range target {
		if n.Ignore && t == n.IgnoreIndex {
			continue
		}
		for c := range n.Classes {
			q := n.Smoothing / float64(n.Classes)
			if c == t {
				q += 1 - n.Smoothing
			}
			if n.Weights != nil {
				q *= n.Weights[c]
			}
			losses[p] -= q * float64(logp[(p/n.Inner*n.Classes+c)*n.Inner+p%n.Inner])
		}
		if n.Weights != nil {
			weight += n.Weights[t]
		} else {
			weight++
		}
	}
	return losses, weight
}

func testNLL[T Float](t *testing.T) {
	for _, n := range nllCases {
		target := n.targets()
		logp := normal[T](n.Outer*n.Classes*n.Inner, "x")
		losses := make([]T, len(target))
		NLLForward(&n, losses, logp, target)
		want, weight := nllReference(&n, logp, target)
		near(t, fmt.Sprintf("%+v", n), losses, want, rounding[T]())
		if got := NLLWeight(&n, target); math.Abs(got-weight) > 1e-9 {
			t.Errorf("%+v: NLLWeight = %v, want %v", n, got, weight)
		}
	}
}

func TestNLL(t *testing.T) {
	testNLL[float32](t)
	testNLL[float64](t)
}

// The gradient is linear: against any dloss it is that of the dot product.
func TestNLLGradient(t *testing.T) {
	for _, n := range nllCases[:6] {
		target := n.targets()
		logp, dloss := normal[float64](n.Outer*n.Classes*n.Inner, "x"), normal[float64](len(target), "dy")
		losses := make([]float64, len(target))
		dlogp := normal[float64](len(logp), "stale contents")
		NLLBackward(&n, dlogp, dloss, target)
		differences(t, fmt.Sprintf("%+v", n), logp, dlogp, func() float64 {
			NLLForward(&n, losses, logp, target)
			return dot(losses, dloss)
		})
	}
}

func TestNLLIsTheSameOnAnyCPUs(t *testing.T) {
	n := nllCases[6]
	target, logp := n.targets(), normal[float32](n.Outer*n.Classes*n.Inner, "x")
	sameBits(t, "NLL", func() []float32 {
		losses, dlogp := make([]float32, len(target)), make([]float32, len(logp))
		NLLForward(&n, losses, logp, target)
		NLLBackward(&n, dlogp, losses, target)
		return append(losses, dlogp...)
	})
}

// A class of probability 0 that is not the target costs nothing, and an ignored
// position contributes nothing whatever it holds.
func TestNLLExtremes(t *testing.T) {
	n := NLL{Outer: 2, Classes: 3, Inner: 1, Ignore: true, IgnoreIndex: 9}
	losses, dlogp := make([]float64, 2), make([]float64, 6)
	NLLForward(&n, losses, []float64{-1, math.Inf(-1), -2, math.NaN(), math.NaN(), math.NaN()}, []int{0, 9})
	near(t, "losses", losses, []float64{1, 0}, 0)
	NLLBackward(&n, dlogp, []float64{1, math.NaN()}, []int{0, 9})
	near(t, "dlogp", dlogp, []float64{-1, 0, 0, 0, 0, 0}, 0)
	// The weights of the targets may add up to 0, by which a mean divides.
	NLLBackward(&n, dlogp, []float64{math.Inf(1), 0}, []int{0, 9})
	near(t, "dlogp of an infinite loss", dlogp, []float64{math.Inf(-1), 0, 0, 0, 0, 0}, 0)
}

func TestNLLCheck(t *testing.T) {
	for _, c := range []struct {
		ignore, index int
		target        []int
		ok            bool
	}{
		{-100, 0, []int{0, 1, 2}, true},
		{-100, 1, []int{0, 3, -1}, false},
		{-100, 2, []int{0, -100, -1}, false},
		{7, 0, []int{7, 7, 2}, true},
	} {
		n := &NLL{Outer: 3, Classes: 3, Inner: 1, Ignore: true, IgnoreIndex: c.ignore}
		if index, ok := NLLCheck(n, c.target); index != c.index || ok != c.ok {
			t.Errorf("NLLCheck(%v), ignoring %d: got %d, %v, want %d, %v", c.target, c.ignore, index, ok, c.index, c.ok)
		}
	}
	if index, ok := NLLCheck(&NLL{Classes: 3}, []int{0, -100}); index != 1 || ok {
		t.Errorf("nothing ignored: got %d, %v, want 1, false", index, ok)
	}
}
