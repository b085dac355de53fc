package graph

import "github.com/thinnet/thinnet/internal/philox"

// Stream claims the stream of random numbers that the path of this scope names
// under the seed of the model, and returns its Philox4x32-10 key. Whatever
// draws claims it in every mode, so that a mistake shows at once, and reads it
// at [Scope.Step].
//
// A stream belongs to one node: a second one would draw the same numbers
// without a word, so claiming a path twice is an error.
func (s *Scope) Stream() [2]uint32 {
	if _, twice := s.b.streams[s.path]; twice {
		s.Errorf("a second random node at path %q would draw the same mask; give it a scope of its own, as in s.In(%q)", s.path, "drop2")
	}
	s.b.streams[s.path] = s.mode.Draws()
	return philox.KeyOf(s.b.seed, s.path)
}

// DrawsOver says what shape the numbers have that are drawn from the stream of this scope.
// The last call counts, and without one they are presumed to be of samples. By it
// [Model.Drawing] finds out for whom they are: a mask for a weight, as long whatever the
// batch, is one for all samples.
func (s *Scope) DrawsOver(shape Shape) {
	if s.mode.Draws() {
		s.b.drawn[s.path] = shape.Clone()
	}
}
