package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// affine holds what linear maps with a weight and a bias have in common.
type affine struct {
	weight, bias graph.Init
	noBias       bool
}

// A WeightOption adjusts any linear map.
type WeightOption interface {
	LinearOption
	ConvOption
	ConvTransposeOption
}

// NoBias leaves out the bias, which is useless before a batch norm.
func NoBias() WeightOption { return noBias{} }

type noBias struct{}

func (noBias) linear(a *affine)                 { a.noBias = true }
func (noBias) conv(c *convolution)              { c.noBias = true }
func (noBias) convTranspose(c *convTransposing) { c.noBias = true }

// WeightInit sets how the weight is drawn. The default is PyTorch's,
// [graph.KaimingUniform] with a gain of 1/√3, which is U(-1/√fan_in, 1/√fan_in).
func WeightInit(init graph.Init) WeightOption { return weightInit{init} }

type weightInit struct{ init graph.Init }

func (w weightInit) linear(a *affine)                 { a.weight = w.init }
func (w weightInit) conv(c *convolution)              { c.weight = w.init }
func (w weightInit) convTranspose(c *convTransposing) { c.weight = w.init }

// BiasInit sets how the bias is drawn. The default is PyTorch's,
// U(-1/√fan_in, 1/√fan_in) with the weight's fan_in.
func BiasInit(init graph.Init) WeightOption { return biasInit{init} }

type biasInit struct{ init graph.Init }

func (b biasInit) linear(a *affine)                 { a.bias = b.init }
func (b biasInit) conv(c *convolution)              { c.bias = b.init }
func (b biasInit) convTranspose(c *convTransposing) { c.bias = b.init }

// defaultAffine returns the defaults for a weight of shape (_, in, kernel...).
func defaultAffine() affine { return affine{weight: graph.KaimingUniform(1 / math.Sqrt(3))} }

// apply declares the parameters and then op on x, weight and, if there is one,
// bias.
func (a *affine) apply(s *graph.Scope, op graph.Op, x *graph.Node, weight graph.Shape, out int) *graph.Node {
	in := []*graph.Node{x, s.Param("weight", weight, a.weight)}
	if a.noBias {
		return s.Apply(op, in...)
	}
	init := a.bias
	if init == nil {
		bound := 1 / math.Sqrt(float64(weight[1:].TotalSize()))
		init = graph.Uniform(-bound, bound)
	}
	return s.Apply(op, append(in, s.Param("bias", graph.Shape{out}, init))...)
}
