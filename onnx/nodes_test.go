package onnx_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
)

type (
	scope = graph.Scope
	node  = graph.Node
)

// A row is a node in a model whose batch may have any size.
type row struct {
	node, name string
	shape      graph.Shape
	net        graph.Func
	input      func(r *rand.Rand) float64 // standard normal numbers without
}

var (
	flat   = graph.Shape{2, 6}
	series = graph.Shape{2, 3, 8}
	images = graph.Shape{2, 4, 6, 7}
	solids = graph.Shape{2, 2, 3, 4, 3}
	steps  = graph.Shape{2, 5, 6} // (N, T, F)
)

// plain is a function of x alone.
func plain(f func(x *node) *node) graph.Func { return func(_ *scope, x *node) *node { return f(x) } }

// positive makes inputs of pooling nodes that want such.
func positive(r *rand.Rand) float64 { return math.Abs(r.NormFloat64()) }

// padded makes series that end in zeros now and then.
func padded(r *rand.Rand) float64 { return float64(r.IntN(3) / 2) }

// lengths are those of the samples of x, where every other number is no padding.
func lengths(x *node) *node { return nodes.SequenceLengths(x, 0) }

var nodeRows = []row{
	{node: "Linear", shape: flat, net: func(s *scope, x *node) *node { return nodes.Linear(s.In("fc"), x, 5) }},
	{node: "Linear", name: "of three axes", shape: steps, net: func(s *scope, x *node) *node { return nodes.Linear(s.In("fc"), x, 5) }},
	{node: "Conv1D", shape: series, net: func(s *scope, x *node) *node { return nodes.Conv1D(s.In("conv"), x, 4, 3, nodes.Pad(1)) }},
	{node: "Conv2D", shape: images, net: func(s *scope, x *node) *node {
		return nodes.Conv2D(s.In("conv"), x, 6, 3, nodes.Stride(2), nodes.Pad(1), nodes.Groups(2))
	}},
	{node: "Conv3D", shape: solids, net: func(s *scope, x *node) *node { return nodes.Conv3D(s.In("conv"), x, 3, 2, nodes.Same()) }},
	{node: "ConvTranspose2D", shape: images, net: func(s *scope, x *node) *node {
		return nodes.ConvTranspose2D(s.In("conv"), x, 3, 3, nodes.Stride(2), nodes.Pad(1), nodes.OutputPad(1, 0))
	}},
	{node: "MaxPool1D", shape: series, net: plain(func(x *node) *node { return nodes.MaxPool1D(x, 3, nodes.CeilMode(), nodes.Pad(1)) })},
	{node: "MaxPool2D", shape: images, net: plain(func(x *node) *node { return nodes.MaxPool2D(x, 2, nodes.CeilMode()) })},
	{node: "AvgPool1D", shape: series, net: plain(func(x *node) *node { return nodes.AvgPool1D(x, 3, nodes.CeilMode(), nodes.Pad(1)) })},
	{node: "AvgPool2D", shape: images, net: plain(func(x *node) *node { return nodes.AvgPool2D(x, 4, nodes.CeilMode(), nodes.Pad(2)) })},
	{node: "RankPool1D", shape: series, net: plain(func(x *node) *node { return nodes.RankPool1D(x, 3, []float64{0.5, 0.3, 0.2}, nodes.Pad(1)) })},
	{node: "RankPool2D", shape: images, net: plain(func(x *node) *node { return nodes.RankPool2D(x, 3, []float64{0, 0.5, 0.5}) })},
	{node: "AdaptiveAvgPool2D", shape: images, net: plain(func(x *node) *node { return nodes.AdaptiveAvgPool2D(x, 3, 7) })},
	{node: "AdaptiveAvgPool2D", name: "of uneven regions", shape: images, net: plain(func(x *node) *node { return nodes.AdaptiveAvgPool2D(x, 4, 3) })},
	{node: "GlobalAvgPool", shape: images, net: plain(nodes.GlobalAvgPool)},
	{node: "Embedding", shape: graph.Shape{2, 5}, input: func(r *rand.Rand) float64 { return float64(r.IntN(7)) }, net: func(s *scope, x *node) *node {
		return nodes.Embedding(s.In("words"), x, 7, 4)
	}},
	{node: "LSTM", shape: steps, net: func(s *scope, x *node) *node {
		return nodes.LSTM(s.In("lstm"), x, 4, nodes.Layers(2), nodes.Bidirectional()).Output
	}},
	{node: "LSTM", name: "last state of padded series", shape: steps, input: padded, net: func(s *scope, x *node) *node {
		r := nodes.LSTM(s.In("lstm"), x, 4, nodes.Bidirectional(), nodes.Lengths(lengths(x)))
		return nodes.Concat(1, r.Last(), nodes.Flatten(r.Cell), nodes.Flatten(r.Output))
	}},
	{node: "GRU", shape: steps, input: padded, net: func(s *scope, x *node) *node {
		return nodes.GRU(s.In("gru"), x, 4, nodes.Bidirectional(), nodes.Lengths(lengths(x))).Output
	}},
	{node: "RNN", shape: steps, net: func(s *scope, x *node) *node {
		return nodes.RNN(s.In("rnn"), x, 4, nodes.ReLURecurrence(), nodes.NoBias()).Last()
	}},
	{node: "RNN", name: "from a state", shape: steps, net: func(s *scope, x *node) *node {
		first := nodes.RNN(s.In("encoder"), x, 6)
		return nodes.RNN(s.In("decoder"), x, 6, nodes.InitialState(first.Hidden)).Output
	}},
	{node: "SequenceLengths", shape: steps, input: padded, net: plain(lengths)},
	{node: "ScaledDotProductAttention", shape: steps, input: padded, net: func(s *scope, x *node) *node {
		return nodes.ScaledDotProductAttention(s.In("a"), x, x, x, nodes.Causal(), nodes.KeyLengths(lengths(x)))
	}},
	{node: "MultiheadAttention", shape: steps, input: padded, net: func(s *scope, x *node) *node {
		return nodes.MultiheadAttention(s.In("a"), x, x, x, 2, nodes.KeyLengths(lengths(x)))
	}},
	{node: "TransformerEncoderLayer", shape: steps, net: func(s *scope, x *node) *node {
		return nodes.TransformerEncoderLayer(s.In("layer"), x, 3, 8, nodes.NormFirst(), nodes.EncoderActivation(func(x *node) *node { return nodes.GELU(x) }))
	}},
	{node: "SinusoidalPositions", shape: steps, net: plain(nodes.SinusoidalPositions)},
	{node: "LearnedPositions", shape: steps, net: func(s *scope, x *node) *node { return nodes.LearnedPositions(s.In("p"), x, 9) }},
	{node: "BatchNorm1D", shape: flat, net: func(s *scope, x *node) *node { return nodes.BatchNorm1D(s.In("bn"), x) }},
	{node: "BatchNorm2D", shape: images, net: func(s *scope, x *node) *node { return nodes.BatchNorm2D(s.In("bn"), x, nodes.NoAffine()) }},
	{node: "BatchNorm2D", name: "of ghost batches", shape: images, net: func(s *scope, x *node) *node { return nodes.BatchNorm2D(s.In("bn"), x, nodes.GhostBatch(1)) }},
	{node: "BatchNorm3D", shape: solids, net: func(s *scope, x *node) *node { return nodes.BatchNorm3D(s.In("bn"), x, nodes.Untracked()) }},
	{node: "LayerNorm", shape: images, net: func(s *scope, x *node) *node { return nodes.LayerNorm(s.In("ln"), x, nodes.Axes(2)) }},
	{node: "LayerNorm", name: "without scale and shift", shape: steps, net: func(s *scope, x *node) *node { return nodes.LayerNorm(s.In("ln"), x, nodes.NoAffine()) }},
	{node: "GroupNorm", shape: images, net: func(s *scope, x *node) *node { return nodes.GroupNorm(s.In("gn"), x, 2) }},
	{node: "ReLU", shape: flat, net: plain(nodes.ReLU)},
	{node: "LeakyReLU", shape: flat, net: plain(func(x *node) *node { return nodes.LeakyReLU(x, nodes.NegativeSlope(0.3)) })},
	{node: "ELU", shape: flat, net: plain(func(x *node) *node { return nodes.ELU(x, nodes.Alpha(0.7)) })},
	{node: "SELU", shape: flat, net: plain(nodes.SELU)},
	{node: "GELU", shape: flat, net: plain(func(x *node) *node { return nodes.GELU(x) })},
	{node: "GELU", name: "by tanh", shape: flat, net: plain(func(x *node) *node { return nodes.GELU(x, nodes.TanhApproximation()) })},
	{node: "SiLU", shape: flat, net: plain(nodes.SiLU)},
	{node: "Sigmoid", shape: flat, net: plain(nodes.Sigmoid)},
	{node: "Tanh", shape: flat, net: plain(nodes.Tanh)},
	{node: "Softplus", shape: flat, net: plain(func(x *node) *node { return nodes.Softplus(x, nodes.Beta(3), nodes.Threshold(0.4)) })},
	{node: "Softmax", shape: images, net: plain(func(x *node) *node { return nodes.Softmax(x, 1) })},
	{node: "LogSoftmax", shape: images, net: plain(func(x *node) *node { return nodes.LogSoftmax(x, -1) })},
	{node: "Flatten", shape: images, net: plain(nodes.Flatten)},
	{node: "Reshape", shape: images, net: plain(func(x *node) *node { return nodes.Reshape(x, -1, 7) })},
	{node: "Reshape", name: "of the batch into two axes", shape: images, net: plain(func(x *node) *node {
		return nodes.Reshape(nodes.Concat(1, nodes.Transpose(x, 1, 0, 2, 3)), 2, x.Dim(0), -1)
	})},
	{node: "Transpose", shape: images, net: plain(func(x *node) *node { return nodes.Transpose(x, 0, 2, 3, 1) })},
	{node: "Unfold", shape: images, net: plain(func(x *node) *node { return nodes.Unfold(x, 3, nodes.Pad(1), nodes.Stride(2)) })},
	{node: "Concat", shape: images, net: plain(func(x *node) *node { return nodes.Concat(0, x, x) })},
	{node: "ZeroPad", shape: images, net: plain(func(x *node) *node { return nodes.ZeroPad(x, -1, 1, 2) })},
	{node: "Add", shape: images, net: plain(func(x *node) *node { return nodes.Add(x, nodes.Reshape(nodes.GlobalAvgPool(x), 0, 0, 1, 1)) })},
	{node: "Mul", shape: images, net: plain(func(x *node) *node { return nodes.Mul(x, x) })},
	{node: "MatMul", shape: images, net: plain(func(x *node) *node { return nodes.MatMul(x, nodes.Transpose(x, 0, 1, 3, 2)) })},
	{node: "MatMul", name: "of rows", shape: steps, net: func(s *scope, x *node) *node {
		return nodes.MatMul(x, s.Param("w", graph.Shape{6, 3}, graph.Normal(0, 1)))
	}},
	{node: "Residual", shape: images, net: func(s *scope, x *node) *node {
		return nodes.Residual(s, x, func(s *scope, x *node) *node { return nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Pad(1)) })
	}},
}

// predictionRows are those of nodes that make something of their rate in evaluation; the
// others are the identity there.
var predictionRows = []row{
	{node: "Dropout", shape: flat, net: func(s *scope, x *node) *node { return regularize.Dropout(s.In("d"), x, 0.3, regularize.Classic()) }},
	{node: "Swapout", shape: flat, net: func(s *scope, x *node) *node {
		return regularize.Swapout(s.In("d"), x, nodes.Tanh(x), 0.3, 0.4)
	}},
	{node: "MaxPoolDropout2D", shape: images, input: positive, net: func(s *scope, x *node) *node {
		return regularize.MaxPoolDropout2D(s.In("d"), x, 0.3, 3, regularize.Window(nodes.Pad(1)))
	}},
	{node: "StochasticPool2D", shape: images, input: positive, net: func(s *scope, x *node) *node {
		return regularize.StochasticPool2D(s.In("d"), x, 3, regularize.Window(nodes.Pad(1), nodes.Stride(2)))
	}},
	{node: "StochasticPool1D", shape: series, net: func(s *scope, x *node) *node { return regularize.StochasticPool1D(s.In("d"), x, 3) }},
	{node: "DropConnectLinear", shape: flat, net: func(s *scope, x *node) *node {
		return regularize.DropConnectLinear(s.In("d"), x, 5, 0.4, regularize.GaussianReLU())
	}},
	{node: "DropConnectConv2D", shape: images, net: func(s *scope, x *node) *node {
		return regularize.DropConnectConv2D(s.In("d"), x, 3, 3, 0.4, regularize.Activation(nodes.Sigmoid), regularize.GaussianMean(6))
	}},
	{node: "DropFilterR", shape: images, net: func(s *scope, x *node) *node {
		return regularize.DropFilterR(s.In("d"), x, 3, 3, 0.4, regularize.GaussianReLU())
	}},
	{node: "Lift", shape: flat, net: func(s *scope, x *node) *node {
		y := graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Exp(in[0]) }, x)
		return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(in[0], in[1]) }, x, y)
	}},
}

func (r row) label() string {
	if r.name == "" {
		return r.node
	}
	return r.node + " " + r.name
}

func cases(t *testing.T, rows ...row) (out []onnxtest.Case) {
	t.Helper()
	for _, r := range rows {
		m, err := graph.Build(r.net, r.shape, graph.Seed(1))
		if err != nil {
			t.Fatalf("%s: %+v", r.label(), err)
		}
		move(m)
		out = append(out, onnxtest.Case{Name: r.label(), Model: m, Input: r.input})
	}
	return out
}

func TestNodes(t *testing.T) { onnxtest.Agree(t, cases(t, append(nodeRows, predictionRows...)...)) }

func TestEveryNodeIsExported(t *testing.T) {
	var named []graphtest.Case
	for _, r := range nodeRows {
		named = append(named, graphtest.Case{Node: r.node})
	}
	// Losses are no part of what a model predicts.
	graphtest.Covered(t, "../nodes", named, "CrossEntropy", "NLL", "BCEWithLogits", "MSE", "L1", "Huber")
}
