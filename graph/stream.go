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

// ShareDraws says that what draws from the stream of this scope draws for all samples
// of a batch together, as one mask for a weight does. Copies of a sample in one batch
// then are not draws of their own, and [Model.Drawing] tells. It says nothing of what
// has a path under this one, such as a dropout in a branch that is dropped itself.
func (s *Scope) ShareDraws() {
	if s.mode.Draws() {
		s.b.shared[s.path] = true
	}
}
