package regularize

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// GaussianNoise adds to each element of x a number of a normal distribution:
//
//	y = x + z,   z ~ N(0, std²)
//
// so dx = dy. x may have any shape; y is as x. std is a standard deviation in the units
// of x, and no rate. The values that z takes are those of [GaussianDropout].
//
// Modes and the random stream are as for [Dropout]; with std = 0 y is x. It is Keras's
// GaussianNoise.
func GaussianNoise(s *graph.Scope, x *graph.Node, std float64) *graph.Node {
	s = s.Layer("GaussianNoise", x)
	if !(std >= 0) || math.IsInf(std, 0) { // this way round, NaN fails too
		s.Errorf("std is %v, want a finite value ≥ 0", std)
	}
	key, draws := claim(s, x, std == 0)
	if !draws {
		return x
	}
	return s.Describe("std=%v", std).Apply(gaussianNoise{key, std}, x, s.Step())
}

// gaussianNoise has x and the step as inputs.
type gaussianNoise struct {
	key philox.Key
	std float64
}

func (op gaussianNoise) String() string {
	return fmt.Sprintf("GaussianNoise{std %v, key %08x}", op.std, op.key)
}

// ShiftsVariance implements [graph.Noisy].
func (gaussianNoise) ShiftsVariance() bool { return true }

func (gaussianNoise) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op gaussianNoise) at(step *tensor.Dense) kernel.Normal {
	return op.atStep(uint64(step.Ints()[0]))
}

func (op gaussianNoise) atStep(n uint64) kernel.Normal {
	return kernel.Normal{Key: op.key, Step: n, Scale: op.std}
}

func (op gaussianNoise) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.at(in[1]), y, in, normalForward[float32], normalForward[float64])
}

func (gaussianNoise) Backward(_ []*graph.Node, _, dy *graph.Node) []*graph.Node {
	return []*graph.Node{dy, nil}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op gaussianNoise) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	return follow(gaussianNoiseLast{op}, true)
}

// gaussianNoiseLast draws the same numbers for the same elements.
type gaussianNoiseLast struct{ gaussianNoise }

func (op gaussianNoiseLast) String() string { return op.gaussianNoise.String() + " channels-last" }

func (op gaussianNoiseLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	normalLast(op.at(in[1]), y, in[0])
	return nil
}
