package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// linearNorm is a linear map and its normalisation with constant statistics, with
// inputs as those of convNorm. In steps it is one matrix product.
type linearNorm struct{ norm normalize }

func (op linearNorm) String() string { return "LinearNorm{" + op.norm.String() + "}" }

func (op linearNorm) InferShape(in ...graph.Shape) (graph.Shape, error) {
	at, err := foldedInputs(in)
	if err != nil {
		return nil, err
	}
	return linear{}.InferShape(in[:at.stats]...)
}

func (op linearNorm) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	stats := affineInputs(len(in)).stats
	if err := (linear{}).Forward(y, in[:stats]...); err != nil {
		return err
	}
	return op.norm.inPlace(y, in[stats:])
}

func (op linearNorm) withReLU() (graph.Op, bool) {
	op.norm.relu = true
	return op, true
}

// Split implements [graph.Splitter]. The channels of the normalisation must be the
// outputs of the map, which a sequence (N, C, 1) does not have.
func (op linearNorm) Split(_ bool, in ...graph.Shape) []graph.Part {
	n, w := len(in), in[1]
	if in[0].Dims() != 2 || op.norm.of.Groups != w[0] {
		return nil
	}
	return append(foldParts(op.norm, n),
		graph.Part{Op: linearPack{in: w[1], out: w[0]}, In: []int{n + 1}},
		graph.Part{Op: linearPacked{in: w[1], out: w[0], relu: op.norm.relu}, In: []int{0, n + 2, n}})
}
