package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"gorgonia.org/tensor"
)

// embedding takes rows of its first input, a table, by the numbers in the second.
type embedding struct{ padding int }

func (op embedding) String() string { return fmt.Sprintf("Embedding{padding %d}", op.padding) }

func (embedding) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return append(in[1].Clone(), in[0][1]), nil
}

func (op embedding) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	index, err := indexOf(in[1], in[0].Shape()[0])
	if err != nil {
		return err
	}
	defer spareIndices.GiveBack(index)
	c := embeddingCall{*index, in[0].Shape()[1], op.padding}
	return graph.Run(c, y, in[:1], embeddingForward[float32], embeddingForward[float64])
}

// embeddingCall is an op of this file on indices that have been checked.
type embeddingCall struct {
	index        []int
	dim, padding int
}

func embeddingForward[T kernel.Float](c embeddingCall, y []T, in [][]T) {
	kernel.Embed(y, in[0], c.index, c.dim)
}

func (embedding) HasGradient(i int) bool { return i == 0 }

func (op embedding) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	grad := embeddingGrad{op.padding, in[0].Dim(0), in[0].Dim(1)}
	return []*graph.Node{y.Layer("EmbeddingGrad").Apply(grad, dy, in[1]), nil}
}

// embeddingGrad is the gradient of the table, for dy and the indices.
type embeddingGrad struct{ padding, words, dim int }

func (op embeddingGrad) String() string {
	return fmt.Sprintf("EmbeddingGrad{padding %d, (%d, %d)}", op.padding, op.words, op.dim)
}

func (op embeddingGrad) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.words, op.dim}, nil
}

func (op embeddingGrad) Forward(d *tensor.Dense, in ...*tensor.Dense) error {
	index, err := indexOf(in[1], op.words)
	if err != nil {
		return err
	}
	defer spareIndices.GiveBack(index)
	c := embeddingCall{*index, op.dim, op.padding}
	return graph.Run(c, d, in[:1], embeddingBackward[float32], embeddingBackward[float64])
}

func embeddingBackward[T kernel.Float](c embeddingCall, d []T, in [][]T) {
	kernel.EmbedGrad(d, in[0], c.index, c.dim, c.padding)
}

var spareIndices pool.Spare[[]int]

// indexOf returns the numbers of x, each from 0 to words-1, to be given back.
func indexOf(x *tensor.Dense, words int) (*[]int, error) {
	index := spareIndices.Borrow()
	*index = (*index)[:0]
	for i := range x.Shape().TotalSize() {
		v := number(x, i)
		if !(v >= 0 && v < float64(words)) || v != float64(int(v)) {
			return nil, notAWord(graph.Shape(x.Shape()), i, v, words)
		}
		*index = append(*index, int(v))
	}
	return index, nil
}

func notAWord(shape graph.Shape, i int, v float64, words int) error {
	return errors.Errorf("x at %v is %v, want the number of a word, whole and from 0 to %d", coordinates(shape, i), v, words-1)
}
