package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Split implements [graph.Splitter]: a weight that stays is packed in a step of its
// own. One that changes with every step of training is packed as it is used.
func (op linear) Split(fixed bool, in ...graph.Shape) []graph.Part {
	if !fixed {
		return nil
	}
	out, width := in[1][0], in[1][1]
	product := graph.Part{Op: linearPacked{in: width, out: out, relu: op.relu}, In: []int{0, len(in)}}
	if len(in) > 2 {
		product.In = append(product.In, 2)
	}
	return []graph.Part{{Op: linearPack{in: width, out: out}, In: []int{1}}, product}
}

func (op linear) withReLU() (graph.Op, bool) {
	op.relu = true
	return op, true
}

// linearPack packs a weight (out, in).
type linearPack struct{ in, out int }

func (op linearPack) String() string { return fmt.Sprintf("LinearPack{%d to %d}", op.in, op.out) }

func (op linearPack) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{kernel.PackedSize(op.out, op.in)}, nil
}

func (op linearPack) Forward(packed *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, packed, in, linearPackForward[float32], linearPackForward[float64])
}

func linearPackForward[T kernel.Float](op linearPack, packed []T, in [][]T) {
	kernel.Pack(packed, in[0], op.out, op.in, true)
}

// linearPacked is linear for inputs x, the packed weight and perhaps a bias.
type linearPacked struct {
	in, out int
	relu    bool
}

func (op linearPacked) String() string {
	return fmt.Sprintf("LinearPacked{%d to %d, relu %v}", op.in, op.out, op.relu)
}

func (op linearPacked) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[len(y)-1] = op.out
	return y, nil
}

func (op linearPacked) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, linearPackedForward[float32], linearPackedForward[float64])
}

func linearPackedForward[T kernel.Float](op linearPacked, y []T, in [][]T) {
	var bias []T
	if len(in) > 2 {
		bias = in[2]
	}
	kernel.MatMulPacked(y, in[0], in[1], bias, len(y)/op.out, op.out, op.in, true, op.relu)
}
