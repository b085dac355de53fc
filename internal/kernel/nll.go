package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// NLL is the negative log-likelihood of log-probabilities of shape
// (Outer, Classes, Inner) under targets of shape (Outer, Inner), with the
// smoothing, weights and ignored class of PyTorch's cross_entropy. The loss of a
// position with target t is
//
//	(1-Smoothing)·w[t]·(-logp[t]) + Smoothing/Classes·Σ_c w[c]·(-logp[c])
//
// and 0 where the target is ignored.
//
// Source of the smoothing: Szegedy et al., Rethinking the Inception
// Architecture for Computer Vision, https://arxiv.org/abs/1512.00567.
type NLL struct {
	Outer, Classes, Inner int

	Weights   []float64 // per class; nil is all 1
	Smoothing float64   // 0 to 1

	// Positions whose target is IgnoreIndex are left out if Ignore is set.
	IgnoreIndex int
	Ignore      bool
}

// NLLForward computes the loss of each position; losses is (Outer, Inner).
// Targets must pass [NLLCheck].
func NLLForward[T Float](n *NLL, losses, logp []T, target []int) {
	pool.Run(n.Outer*n.Inner, rowGrain(n.Classes), nllJob[T]{*n, losses, logp, target, false})
}

func (j *nllJob[T]) loss(p, e int) {
	n, losses, logp, t := &j.n, j.losses, j.logp, j.target[p]
	if n.ignored(t) {
		losses[p] = 0
		return
	}
	loss := -n.weight(t) * float64(logp[e+t*n.Inner])
	// Without smoothing the sum must not enter: 0·Inf is NaN.
	if n.Smoothing != 0 {
		var sum float64
		for c := range n.Classes {
			sum -= n.weight(c) * float64(logp[e+c*n.Inner])
		}
		loss = (1-n.Smoothing)*loss + n.Smoothing/float64(n.Classes)*sum
	}
	losses[p] = T(loss)
}

// NLLBackward computes the gradient with respect to logp, given dloss, that of
// each position's loss. Targets must pass [NLLCheck].
func NLLBackward[T Float](n *NLL, dlogp, dloss []T, target []int) {
	pool.Run(n.Outer*n.Inner, rowGrain(n.Classes), nllJob[T]{*n, dloss, dlogp, target, true})
}

func (j *nllJob[T]) grad(p, e int) {
	n, dloss, dlogp, t := &j.n, j.losses, j.logp, j.target[p]
	if n.ignored(t) {
		for c := range n.Classes {
			dlogp[e+c*n.Inner] = 0
		}
		return
	}
	dy := -float64(dloss[p])
	var spread float64
	// Without smoothing it must not be computed: 0·Inf is NaN.
	if n.Smoothing != 0 {
		spread = dy * n.Smoothing / float64(n.Classes)
	}
	for c := range n.Classes {
		dlogp[e+c*n.Inner] = T(spread * n.weight(c))
	}
	dlogp[e+t*n.Inner] = T((spread + (1-n.Smoothing)*dy) * n.weight(t))
}

// NLLWeight returns Σ w[t] over the positions that are not ignored, by which the
// mean of the losses divides. Targets must pass [NLLCheck].
func NLLWeight(n *NLL, target []int) float64 {
	var sum float64
	for _, t := range target {
		if !n.ignored(t) {
			sum += n.weight(t)
		}
	}
	return sum
}

// NLLCheck returns the index of the first target that is neither a class nor
// ignored; ok if there is none.
func NLLCheck(n *NLL, target []int) (index int, ok bool) {
	for p, t := range target {
		if (t < 0 || t >= n.Classes) && !n.ignored(t) {
			return p, false
		}
	}
	return 0, true
}

func (n *NLL) ignored(t int) bool { return n.Ignore && t == n.IgnoreIndex }

func (n *NLL) weight(c int) float64 {
	if n.Weights == nil {
		return 1
	}
	return n.Weights[c]
}

// nllJob computes losses of logp, or the gradient: then it writes logp.
type nllJob[T Float] struct {
	n            NLL // not a pointer, so that the caller's stays on its stack
	losses, logp []T
	target       []int
	backward     bool
}

func (j *nllJob[T]) Do(lo, hi int) {
	n := &j.n
	o, i := lo/n.Inner, lo%n.Inner
	for p := lo; p < hi; p++ {
		e := o*n.Classes*n.Inner + i // where class 0 lies
		if j.backward {
			j.grad(p, e)
		} else {
			j.loss(p, e)
		}
		if i++; i == n.Inner {
			o, i = o+1, 0
		}
	}
}
