package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// Swapout adds to x a branch f of it, and drops elements of each by themselves:
//
//	y = a · x + b · f,   a = 0 with probability pSkip, else 1,
//	                     b = 0 with probability pBranch, else 1
//
// So an element of y is one of 0, x, f and x + f. x and f have one shape, and y is as
// they are; dx = a · dy and df = b · dy. Nothing is scaled; what is dropped counts as
// exactly 0, even where it is NaN or infinite.
//
// In [graph.Eval] mode y = (1-pSkip) · x + (1-pBranch) · f, the paper's deterministic
// inference. Its other one is the mean of some passes that draw: of samples by
// [graph.Model.Sample]. Only that one is right where a batch norm reads y, whose
// variance is another one in training.
//
//	x = regularize.Swapout(s.In("swap"), x, branch, 0.5, 0.5)
//
// With pSkip = 1 it is the classic form of [Dropout] of f, with pSkip = 0 dropout of
// single elements of a branch, and with both at 0 y is x + f. [LinearDecay] gives rates
// that rise along a stack of blocks.
//
// p and the random streams, at the paths skip and branch under s, are as for [Dropout].
// The option is a [Schedule], which applies to both rates; evaluation has those it
// ends with.
//
// Source: Singh, Hoiem, Forsyth, Swapout: Learning an ensemble of deep architectures,
// NeurIPS 2016, https://arxiv.org/abs/1605.06465. There the rates are those to keep.
func Swapout(s *graph.Scope, x, f *graph.Node, pSkip, pBranch float64, opts ...Option) *graph.Node {
	s = s.Layer("Swapout", x, f)
	skip, branch := newRate(s.In("skip").Layer("Swapout"), pSkip, opts), newRate(s.In("branch").Layer("Swapout"), pBranch, opts)
	if s.Err() == nil && !slices.Equal(x.Shape(), f.Shape()) {
		s.Errorf("x has shape %v and the branch %v, want one shape", x.Shape(), f.Shape())
	}
	if skip.schedule.draws {
		s.Errorf("Swapout with RandomRate leaves evaluation without a rate, want a schedule that ends with one")
	}
	keySkip, _ := skip.claim(s.In("skip").Layer("Swapout"), x)
	keyBranch, _ := branch.claim(s.In("branch").Layer("Swapout"), f)
	switch {
	case s.Err() != nil:
		return x
	case skip.never() && branch.never():
		return nodes.Add(x, f)
	case !s.Mode().Draws():
		return s.Apply(weighted{skip.finalKeep(), branch.finalKeep()}, x, f)
	}
	return s.Describe("skip %s, branch %s", skip.text(), branch.text()).Apply(swapout{bernoulli{keySkip, skip, unscaled}, bernoulli{keyBranch, branch, unscaled}}, x, f, s.Step())
}
