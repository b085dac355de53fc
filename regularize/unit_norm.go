package regularize

import "github.com/thinnet/thinnet/graph"

// UnitNorm holds the incoming weights of each unit at or under the scope to length
// 1. After every update the vector w of a unit becomes
//
//	w / ‖w‖₂
//
// and a vector of zeros stays as it is. The values that weights start from are not
// changed. What the vector of a unit is, and which weights are meant, is as for
// [MaxNorm]; what scale a layer needs is left to its bias, or to a norm after it.
//
// It is Keras's UnitNorm over all axes but that of the outputs: on a matrix that is
// axis=0 there, where the inputs come first, and axis 1 here.
func UnitNorm(s *graph.Scope) { holdNorms(s.Layer("UnitNorm"), 1, 1) }
