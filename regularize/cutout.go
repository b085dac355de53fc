package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// Cutout sets a square of size by size elements of a sample to 0 in all channels,
// with probability p, which is 1 in the paper. Nothing is scaled:
//
//	y = 0 inside the square of the sample, else x
//
// and dx is the same of dy. The centre of the square is drawn evenly from all
// positions, so near the border a part of it falls outside. A square of even size
// reaches one element less down and to the right.
//
// On the input of a model it is the augmentation of the paper, with 0 for the mean:
// normalise the images. In a data pipeline, where it costs the model nothing, the
// same is [github.com/thinnet/thinnet/train.Cutout]. The authors' code has size 16 for
// CIFAR-10, 8 for CIFAR-100 and 20 for SVHN.
//
// Shapes: x is (N, C, H, W); y is as x.
//
// Modes and the random stream are as for [Dropout]; the option is a [Schedule].
//
// Source: DeVries, Taylor, Improved Regularization of Convolutional Neural Networks
// with Cutout, https://arxiv.org/abs/1708.04552.
func Cutout(s *graph.Scope, x *graph.Node, p float64, size int, opts ...Option) *graph.Node {
	s = s.Layer("Cutout", x)
	r := newRate(s, p, opts)
	switch {
	case s.Err() != nil:
	case x.Dims() != 4:
		return s.Errorf("x has shape %v, want %s", x.Shape(), maps[2])
	case size < 1:
		return s.Errorf("size is %d, want at least 1", size)
	}
	key, draws := r.claim(s, x)
	if !draws {
		return x
	}
	s = s.Describe("%s, size=%d", r.text(), size)
	k := s.Apply(squares{key, r, size, graph.Shape{x.Dim(0), 1, x.Dim(2), x.Dim(3)}}, source(x), s.Step())
	return s.Apply(masked{little: true}, x, k)
}

// squares is the factors of a [Cutout]. Its inputs are one of the element type, and
// the step.
type squares struct {
	key   philox.Key
	rate  rate
	size  int
	shape graph.Shape
}

func (op squares) String() string {
	return fmt.Sprintf("Squares{%v, size %d, key %08x, shape %v}", op.rate, op.size, op.key, op.shape)
}

func (op squares) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op squares) Forward(k *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(opAtStep(op, op.key, op.rate, in[1]), k, in, squaresForward[float32], squaresForward[float64])
}

func squaresForward[T kernel.Float](q opAt[squares], k []T, _ [][]T) {
	kernel.Squares(k, q.op.key, q.step, q.op.shape[0], q.op.shape[2], q.op.shape[3], q.op.size, q.p)
}

// ChannelsLast implements [graph.ChannelsLast]: of the first input only the element
// type counts.
func (op squares) ChannelsLast(...graph.Shape) graph.LastLayout { return follow(op, false) }
