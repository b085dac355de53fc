package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Classic leaves the scaling to evaluation, as the papers had it:
//
//	y = m · x          where masks are drawn, m = 0 with probability p, else 1
//	y = (1-p) · x      in evaluation
//
// What comes out is 1-p times that of the usual form, in training and in evaluation: the
// weights of the next layer grow to make up for it.
//
// Samples of [graph.MonteCarlo] mode are unscaled, as in training. At a scheduled
// rate, evaluation takes the one that training ends with.
func Classic() ClassicOption { return classicForm{} }

// A ClassicOption adjusts [Dropout], [StochasticDepth], [DropConnect] and its kin.
type ClassicOption interface {
	DropoutOption
	StochasticDepthOption
	DropConnectOption
	DropConnectLayerOption
}

type classicForm struct{}

func (classicForm) dropout(c *dropoutConfig)               { c.scale = classic }
func (classicForm) stochasticDepth(c *depthConfig)         { c.scale = classic }
func (classicForm) dropConnect(c *weightConfig)            { c.scale = classic }
func (classicForm) dropConnectLinear(c *dropConnectConfig) { c.scale = classic }
func (classicForm) dropConnectConv(c *dropConnectConfig)   { c.scale = classic }

// scaled is y = a·x.
type scaled struct{ a float64 }

func (op scaled) String() string { return fmt.Sprintf("Scaled{%v}", op.a) }

func (scaled) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op scaled) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, scaledForward[float32], scaledForward[float64])
}

func scaledForward[T kernel.Float](op scaled, y []T, in [][]T) { kernel.Scale(y, in[0], op.a) }

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op scaled) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("ScaledGrad").Apply(op, dy)}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op scaled) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return graph.LastLayout{Op: op, In: []bool{true}, Out: true, Follow: true}
}
