package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// inSteps computes an op by its steps, for a caller that does not know of them.
func inSteps(op graph.Splitter, y *tensor.Dense, in []*tensor.Dense) error {
	parts := op.Split(true, shapesOf(in)...)
	values := append([]*tensor.Dense(nil), in...)
	for k, part := range parts {
		args := make([]*tensor.Dense, len(part.In))
		for i, from := range part.In {
			args[i] = values[from]
		}
		to := y
		if k < len(parts)-1 {
			shape, err := part.Op.InferShape(shapesOf(args)...)
			if err != nil {
				return err
			}
			to = tensor.New(tensor.WithShape(shape...), tensor.Of(y.Dtype()))
			values = append(values, to)
		}
		if err := part.Op.Forward(to, args...); err != nil {
			return err
		}
	}
	return nil
}

func shapesOf(in []*tensor.Dense) []graph.Shape {
	shapes := make([]graph.Shape, len(in))
	for i, d := range in {
		shapes[i] = d.Shape()
	}
	return shapes
}
