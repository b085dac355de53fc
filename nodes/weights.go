package nodes

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/graph"
)

// affine holds what linear maps with a weight and a bias have in common.
type affine struct {
	weight, bias graph.Init
	noBias       bool
	share        bool
	shared       *graph.Node // the weight, if share
	parametrize  []graph.Func
}

// A WeightOption adjusts any linear map.
type WeightOption interface {
	LinearOption
	ConvOption
	ConvTransposeOption
}

// A LayerOption adjusts any linear map and any recurrent layer.
type LayerOption interface {
	WeightOption
	RecurrentOption
}

// A MatrixOption is a [LayerOption] that adjusts an [Embedding] as well.
type MatrixOption interface {
	LayerOption
	EmbeddingOption
}

// NoBias leaves out the bias, which is useless before a batch norm.
func NoBias() NoBiasOption { return noBias{} }

// A NoBiasOption adjusts any layer that has a bias.
type NoBiasOption interface {
	LayerOption
	MultiheadAttentionOption
}

type noBias struct{}

func (noBias) linear(a *affine)                 { a.noBias = true }
func (noBias) conv(c *convolution)              { c.noBias = true }
func (noBias) convTranspose(c *convTransposing) { c.noBias = true }
func (noBias) multiheadAttention(m *multihead)  { m.noBias = true }

// WeightInit sets how the weight is drawn, or all weights of a recurrent layer. The
// default is PyTorch's, for linear maps [graph.KaimingUniform] with a gain of 1/√3,
// which is U(-1/√fan_in, 1/√fan_in).
func WeightInit(init graph.Init) MatrixOption { return weightInit{init} }

type weightInit struct{ init graph.Init }

func (w weightInit) linear(a *affine)                 { a.weight = w.init }
func (w weightInit) conv(c *convolution)              { c.weight = w.init }
func (w weightInit) convTranspose(c *convTransposing) { c.weight = w.init }

// BiasInit sets how the bias is drawn, or all biases of a recurrent layer. The default
// is PyTorch's, for linear maps U(-1/√fan_in, 1/√fan_in) with the weight's fan_in.
func BiasInit(init graph.Init) LayerOption { return biasInit{init} }

type biasInit struct{ init graph.Init }

func (b biasInit) linear(a *affine)                 { a.bias = b.init }
func (b biasInit) conv(c *convolution)              { c.bias = b.init }
func (b biasInit) convTranspose(c *convTransposing) { c.bias = b.init }

// Parametrize makes the layer use f of its weight: f gets the scope of the weight,
// such as fc1.weight, and the weight, and returns a node of its shape and type. The
// weight itself is what is learned and saved. Given twice, the second f gets what
// the first returns. In a recurrent layer it is for the weights of the input; see
// [ParametrizeRecurrent].
//
//	nodes.Linear(s.In("fc1"), x, 128, nodes.Parametrize(regularize.DropConnect(0.5)))
func Parametrize(f graph.Func) MatrixOption { return parametrize{f} }

type parametrize struct{ f graph.Func }

func (p parametrize) linear(a *affine)                 { a.parametrize = append(a.parametrize, p.f) }
func (p parametrize) conv(c *convolution)              { p.linear(&c.affine) }
func (p parametrize) convTranspose(c *convTransposing) { p.linear(&c.affine) }

// SharedWeight makes the layer use w, a weight declared elsewhere, in the place of one
// of its own: it is learned, saved and penalised once, under the path where it was
// declared, and its gradient is the sum over all layers that use it. A decoder tied to
// an embedding is
//
//	w := s.In("encoder").Param("weight", graph.Shape{words, features}, graph.Uniform(-0.1, 0.1))
//	x = nodes.Embedding(s.In("embedding"), x, words, features, nodes.SharedWeight(w))
//	...
//	return nodes.Linear(s.In("decoder"), x, words, nodes.SharedWeight(w))
//
// w must have the shape that the layer's weight would have. A bias is still of the
// layer's own, and [Parametrize] applies to this use of w alone. PyTorch's files
// list a tied weight under both names: load them with export.Partial.
//
// Source: Press, Wolf, Using the Output Embedding to Improve Language Models, EACL
// 2017, https://arxiv.org/abs/1608.05859.
func SharedWeight(w *graph.Node) SharedWeightOption { return sharedWeight{w} }

// A SharedWeightOption adjusts any linear map and an [Embedding].
type SharedWeightOption interface {
	WeightOption
	EmbeddingOption
}

type sharedWeight struct{ w *graph.Node }

func (o sharedWeight) linear(a *affine)                 { a.share, a.shared = true, o.w }
func (o sharedWeight) conv(c *convolution)              { o.linear(&c.affine) }
func (o sharedWeight) convTranspose(c *convTransposing) { o.linear(&c.affine) }

// weightOf declares the weight of a layer, or finds the one that it shares.
func (a *affine) weightOf(s *graph.Scope, shape graph.Shape) *graph.Node {
	switch {
	case !a.share:
		return s.Param("weight", shape, a.weight)
	case a.shared == nil:
		return s.Errorf("the node of SharedWeight is nil")
	case s.Err() == nil && !slices.Equal(a.shared.Shape(), shape):
		return s.Errorf("the node of SharedWeight has shape %v, want %v", a.shared.Shape(), shape)
	case s.Err() == nil && a.shared.Dtype() != s.Dtype():
		return s.Errorf("the node of SharedWeight has element type %v, want %v", a.shared.Dtype(), s.Dtype())
	}
	return a.shared
}

// parametrized returns what the functions of an option make of w, the parameter called
// name at s.
func parametrized(s *graph.Scope, option, name string, w *graph.Node, fs []graph.Func) *graph.Node {
	for _, f := range fs {
		w = replaced(s.In(name), option, f, w)
	}
	return w
}

// defaultAffine returns the defaults for a weight of shape (_, in, kernel...).
func defaultAffine() affine { return affine{weight: graph.KaimingUniform(1 / math.Sqrt(3))} }

// apply declares the parameters and then op on x, weight and, if there is one,
// bias.
func (a *affine) apply(s *graph.Scope, op graph.Op, x *graph.Node, weight graph.Shape, out int) *graph.Node {
	in := []*graph.Node{x, parametrized(s, "Parametrize", "weight", a.weightOf(s, weight), a.parametrize)}
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
