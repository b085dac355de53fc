package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
)

// claim returns the stream of s for a node of x, and whether the node is to draw from
// it, as it does not in evaluation, nor in any mode if still.
func claim(s *graph.Scope, x *graph.Node, still bool) (key philox.Key, draws bool) {
	if still {
		s = s.InMode(graph.Eval) // a still node is none that draws for [graph.Model.Drawing]
	}
	key = s.Stream()
	if x.Dtype() != s.Dtype() {
		s.Errorf("x has element type %v, want %v", x.Dtype(), s.Dtype())
	}
	s.DrawsOver(x.Shape())
	return key, s.Err() == nil && s.Mode().Draws()
}

// claim is the same for a node with a rate, which need not draw if it never drops
// anything.
func (r *rate) claim(s *graph.Scope, x *graph.Node) (key philox.Key, draws bool) {
	key, draws = claim(s, x, r.never())
	r.enter(s)
	return key, draws
}

// enter makes the rate that of the program: of its step in training, and else the one
// that training ends with, whatever mode s has of its own. It says so where the rate is drawn for a
// whole batch, although the draws at that rate may be those of samples.
func (r *rate) enter(s *graph.Scope) {
	r.ended = s.ProgramMode() != graph.Train
	if r.schedule.draws && !r.never() && s.Err() == nil {
		s.In("rate").DrawsOver(nil)
	}
}
