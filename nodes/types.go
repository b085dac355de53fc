package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// wantModelType reports an input of another element type than the model's.
func wantModelType(s *graph.Scope, name string, x *graph.Node) {
	if s.Err() == nil && x.Gorgonia() != nil && x.Dtype() != s.Dtype() {
		s.Errorf("%s has element type %v, want %v", name, x.Dtype(), s.Dtype())
	}
}

// wantNumbers reports an input of a type that [number] does not read.
func wantNumbers(s *graph.Scope, name string, x *graph.Node) {
	if s.Err() != nil || x.Gorgonia() == nil {
		return
	}
	switch x.Dtype() {
	case tensor.Float32, tensor.Float64, tensor.Int, tensor.Int32, tensor.Int64:
	default:
		s.Errorf("%s has element type %v, want whole numbers of type float32, float64, int, int32 or int64", name, x.Dtype())
	}
}

// number returns element i of d, whose type is one of those of wantNumbers.
func number(d *tensor.Dense, i int) float64 {
	switch d.Dtype() {
	case tensor.Float32:
		return float64(d.Float32s()[i])
	case tensor.Float64:
		return d.Float64s()[i]
	case tensor.Int:
		return float64(d.Ints()[i])
	case tensor.Int32:
		return float64(d.Int32s()[i])
	default:
		return float64(d.Int64s()[i])
	}
}
