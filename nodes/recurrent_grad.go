package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"gorgonia.org/tensor"
)

// gradients declares those of the inputs of a sequence, given its trace and the
// gradient of its states: one run backwards, and products over all steps of what
// that leaves.
func (q sequence) gradients(s *graph.Scope, in []*graph.Node, trace, dStates *graph.Node) []*graph.Node {
	at := q.at()
	args := []*graph.Node{trace, dStates, in[2]}
	if q.lengths {
		args = append(args, in[at.lengths])
	}
	if q.factors {
		args = append(args, in[at.factors])
	}
	run := s.Apply(recurrentGrad{q}, args...)
	of := func(what recurrentGradient, in ...*graph.Node) *graph.Node {
		return s.Apply(recurrentGradOf{q, what}, append([]*graph.Node{run}, in...)...)
	}
	grads := make([]*graph.Node, at.n)
	grads[0] = of(gradInput, in[1])
	grads[1] = of(gradWeight, in[0])
	if q.factors {
		grads[2] = of(gradState, trace, in[at.factors])
	} else {
		grads[2] = of(gradState, trace)
	}
	if q.bias {
		grads[at.biasIH] = of(gradBias)
		grads[at.biasHH] = grads[at.biasIH]
		if q.Cell == recurrent.GRU {
			grads[at.biasHH] = of(gradStateBias)
		}
	}
	if q.h0 {
		grads[at.h0] = of(gradFirst)
	}
	if q.c0 {
		grads[at.c0] = of(gradFirstCell)
	}
	return grads
}

// recurrentGrad is the run backwards, for the trace, the gradient of the states,
// weight_hh, and perhaps lengths and factors.
type recurrentGrad struct{ sequence }

func (op recurrentGrad) String() string { return "RecurrentGrad" + op.sequence.String() }

func (op recurrentGrad) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.GradSize()}, nil
}

func (op recurrentGrad) Forward(grad *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, grad, in, recurrentBackward[float32], recurrentBackward[float64])
}

func recurrentBackward[T kernel.Float](q sequence, grad []T, in [][]T) {
	b := recurrent.Backward[T]{Layer: q.Layer, Trace: in[0], DStates: in[1], Weight: in[2], Grad: grad}
	rest := in[3:]
	if q.lengths {
		b.Lengths, rest = rest[0], rest[1:]
	}
	if q.factors {
		b.Factors = rest[0]
	}
	b.Run()
}

func (op recurrentGrad) FLOPs(...graph.Shape) int64 {
	return 2 * int64(op.Steps*op.Batch) * int64(op.Gates()*op.Hidden) * int64(op.Hidden)
}

// A recurrentGradient is what is taken from a run backwards.
type recurrentGradient string

const (
	gradInput     recurrentGradient = "GradX"
	gradWeight    recurrentGradient = "GradWeightIH"
	gradState     recurrentGradient = "GradWeightHH"
	gradBias      recurrentGradient = "GradBiasIH"
	gradStateBias recurrentGradient = "GradBiasHH"
	gradFirst     recurrentGradient = "GradH0"
	gradFirstCell recurrentGradient = "GradC0"
)

// recurrentGradOf is the gradient of one input. Its own are the run, and for the
// input weight_ih, for weight_ih the input, for weight_hh the trace and perhaps the
// factors.
type recurrentGradOf struct {
	sequence
	of recurrentGradient
}

func (op recurrentGradOf) String() string {
	return fmt.Sprintf("Recurrent%s%v", op.of, op.sequence)
}

func (op recurrentGradOf) InferShape(...graph.Shape) (graph.Shape, error) {
	rows := op.Gates() * op.Hidden
	switch op.of {
	case gradInput:
		return graph.Shape{op.Steps, op.Batch, op.In}, nil
	case gradWeight:
		return graph.Shape{rows, op.In}, nil
	case gradState:
		return graph.Shape{rows, op.Hidden}, nil
	case gradBias, gradStateBias:
		return graph.Shape{rows}, nil
	}
	return graph.Shape{op.Batch, op.Hidden}, nil
}

func (op recurrentGradOf) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, recurrentGradOfForward[float32], recurrentGradOfForward[float64])
}

func recurrentGradOfForward[T kernel.Float](op recurrentGradOf, y []T, in [][]T) {
	l, grad := op.Layer, in[0]
	switch op.of {
	case gradInput:
		recurrent.GradInput(l, y, grad, in[1])
	case gradWeight:
		recurrent.GradWeight(l, y, grad, in[1])
	case gradState:
		var factors []T
		if len(in) > 2 {
			factors = in[2]
		}
		recurrent.GradRecurrent(l, y, grad, in[1], factors)
	case gradBias, gradStateBias:
		recurrent.GradBias(l, y, grad, op.of == gradStateBias)
	case gradFirst:
		copy(y, recurrent.GradFirst(l, grad))
	case gradFirstCell:
		copy(y, recurrent.GradFirst(l, grad)[len(y):])
	}
}

func (op recurrentGradOf) FLOPs(...graph.Shape) int64 {
	rows := 2 * int64(op.Steps*op.Batch) * int64(op.Gates()*op.Hidden)
	switch op.of {
	case gradInput, gradWeight:
		return rows * int64(op.In)
	case gradState:
		return rows * int64(op.Hidden)
	}
	return 0
}
