package nodes_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
)

// everyMode is for what differs between modes.
var everyMode = []graph.Mode{graph.Train, graph.Eval, graph.MonteCarlo}

// functionCases are the rows of normalisations, activations and losses.
var functionCases = []graphtest.Case{
	{Node: "BatchNorm1D", Modes: everyMode, In: []graphtest.Input{graphtest.Normal(5, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, in[0])
	}},
	{Node: "BatchNorm1D", Name: "sequence", In: []graphtest.Input{graphtest.Normal(2, 3, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, in[0], nodes.Momentum(0.5), nodes.Eps(0.1))
	}},
	{Node: "BatchNorm1D", Name: "not affine", In: []graphtest.Input{graphtest.Normal(5, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, in[0], nodes.NoAffine())
	}},
	{Node: "BatchNorm1D", Name: "untracked", Modes: everyMode, In: []graphtest.Input{graphtest.Normal(5, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s, in[0], nodes.Untracked())
	}},
	{Node: "BatchNorm2D", Modes: everyMode, In: []graphtest.Input{graphtest.Normal(2, 3, 2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s, in[0])
	}},
	{Node: "BatchNorm2D", Name: "cumulative", In: []graphtest.Input{graphtest.Normal(2, 3, 2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s, in[0], nodes.CumulativeAverage())
	}},
	{Node: "BatchNorm3D", Modes: everyMode, In: []graphtest.Input{graphtest.Normal(2, 2, 2, 2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm3D(s, in[0])
	}},
	// A normalisation of a normalisation: the inner one gets a gradient that the
	// outer one has made orthogonal to its input.
	{Node: "BatchNorm2D", Name: "twice", In: []graphtest.Input{graphtest.Normal(2, 3, 2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s.In("b"), nodes.Tanh(nodes.BatchNorm2D(s.In("a"), in[0])))
	}},

	{Node: "LayerNorm", In: []graphtest.Input{graphtest.Normal(4, 5)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.LayerNorm(s, in[0])
	}},
	{Node: "LayerNorm", Name: "two axes", In: []graphtest.Input{graphtest.Normal(2, 3, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.LayerNorm(s, in[0], nodes.Axes(2), nodes.Eps(0.1))
	}},
	{Node: "LayerNorm", Name: "not affine", In: []graphtest.Input{graphtest.Normal(2, 3, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.LayerNorm(s, in[0], nodes.NoAffine())
	}},
	{Node: "GroupNorm", In: []graphtest.Input{graphtest.Normal(2, 4, 3, 2)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.GroupNorm(s, in[0], 2)
	}},
	{Node: "GroupNorm", Name: "one group", In: []graphtest.Input{graphtest.Normal(3, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.GroupNorm(s, in[0], 1, nodes.Eps(0.1))
	}},
	{Node: "GroupNorm", Name: "instance norm, not affine", In: []graphtest.Input{graphtest.Normal(2, 3, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.GroupNorm(s, in[0], 3, nodes.NoAffine())
	}},

	pointwiseCase("ReLU", "", nodes.ReLU),
	pointwiseCase("LeakyReLU", "", func(x *graph.Node) *graph.Node { return nodes.LeakyReLU(x) }),
	pointwiseCase("LeakyReLU", "slope -0.2", func(x *graph.Node) *graph.Node { return nodes.LeakyReLU(x, nodes.NegativeSlope(-0.2)) }),
	pointwiseCase("ELU", "", func(x *graph.Node) *graph.Node { return nodes.ELU(x) }),
	pointwiseCase("ELU", "alpha 2", func(x *graph.Node) *graph.Node { return nodes.ELU(x, nodes.Alpha(2)) }),
	pointwiseCase("SELU", "", nodes.SELU),
	pointwiseCase("GELU", "", func(x *graph.Node) *graph.Node { return nodes.GELU(x) }),
	pointwiseCase("GELU", "tanh", func(x *graph.Node) *graph.Node { return nodes.GELU(x, nodes.TanhApproximation()) }),
	pointwiseCase("SiLU", "", nodes.SiLU),
	pointwiseCase("Sigmoid", "", nodes.Sigmoid),
	pointwiseCase("Tanh", "", nodes.Tanh),
	pointwiseCase("Softplus", "", func(x *graph.Node) *graph.Node { return nodes.Softplus(x) }),
	// The threshold is a kink: no element may lie by it.
	{Node: "Softplus", Name: "beta and threshold", In: []graphtest.Input{graphtest.Values(graph.Shape{5}, -1, 0, 0.4, 0.6, 3)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Softplus(in[0], nodes.Beta(2), nodes.Threshold(1))
	}},
	{Node: "Softmax", In: []graphtest.Input{graphtest.Normal(3, 4)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Softmax(in[0], -1)
	}},
	{Node: "Softmax", Name: "middle axis", In: []graphtest.Input{graphtest.Normal(2, 3, 4)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Softmax(in[0], 1)
	}},
	{Node: "LogSoftmax", In: []graphtest.Input{graphtest.Normal(3, 4)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.LogSoftmax(in[0], -1)
	}},
	{Node: "LogSoftmax", Name: "first axis", In: []graphtest.Input{graphtest.Normal(3, 4)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.LogSoftmax(in[0], 0)
	}},

	lossCase("CrossEntropy", "", nodes.CrossEntropy(), graphtest.Normal(4, 3), classes(4)),
	lossCase("CrossEntropy", "none", nodes.CrossEntropy(nodes.None), graphtest.Normal(4, 3), classes(4)),
	lossCase("CrossEntropy", "sum", nodes.CrossEntropy(nodes.Sum), graphtest.Normal(4, 3), classes(4)),
	lossCase("CrossEntropy", "all options, over space",
		nodes.CrossEntropy(nodes.ClassWeights(0.5, 2, 1), nodes.LabelSmoothing(0.2), nodes.IgnoreIndex(1)),
		graphtest.Normal(2, 3, 2, 2), classes(2, 2, 2)),
	lossCase("CrossEntropy", "probabilities", nodes.CrossEntropy(), graphtest.Normal(4, 3), graphtest.Uniform(0, 1, 4, 3)),
	lossCase("CrossEntropy", "probabilities, all options, over space",
		nodes.CrossEntropy(nodes.ClassWeights(0.5, 2, 1), nodes.LabelSmoothing(0.2), nodes.Sum),
		graphtest.Normal(2, 3, 2, 2), graphtest.Uniform(0, 1, 2, 3, 2, 2)),
	lossCase("NLL", "", nodes.NLL(), graphtest.Normal(4, 3), classes(4)),
	lossCase("NLL", "all options, over space",
		nodes.NLL(nodes.ClassWeights(0.5, 2, 1), nodes.IgnoreIndex(1), nodes.Sum),
		graphtest.Normal(2, 3, 2, 2), classes(2, 2, 2)),
	lossCase("BCEWithLogits", "", nodes.BCEWithLogits(), graphtest.Normal(4), graphtest.Uniform(0, 1, 4)),
	lossCase("BCEWithLogits", "one weight of yes, sum", nodes.BCEWithLogits(nodes.PosWeight(3), nodes.Sum), graphtest.Normal(4, 3), graphtest.Uniform(0, 1, 4, 3)),
	lossCase("BCEWithLogits", "weights, over space",
		nodes.BCEWithLogits(nodes.PosWeight(3, 0.5, 1), nodes.ClassWeights(1, 2, 0.5)),
		graphtest.Normal(2, 3, 2, 2), graphtest.Uniform(0, 1, 2, 3, 2, 2)),
	lossCase("MSE", "", nodes.MSE(), graphtest.Normal(4, 2), graphtest.Normal(4, 2)),
	lossCase("MSE", "sum", nodes.MSE(nodes.Sum), graphtest.Normal(4, 2), graphtest.Normal(4, 2)),
	lossCase("L1", "none", nodes.L1(nodes.None), graphtest.Away(2, 6), graphtest.Uniform(-1, 1, 6)),
	lossCase("L1", "", nodes.L1(), graphtest.Away(2, 6), graphtest.Uniform(-1, 1, 6)),
	// Errors on either side of delta, none near it.
	lossCase("Huber", "", nodes.Huber(), graphtest.Values(graph.Shape{4}, 0.25, -0.5, 2, -3), graphtest.Values(graph.Shape{4}, 0, 0.25, 0.5, 0)),
	lossCase("Huber", "delta 2, sum", nodes.Huber(nodes.Delta(2), nodes.Sum), graphtest.Values(graph.Shape{4}, 0.25, -0.5, 3, -3), graphtest.Values(graph.Shape{4}, 0, 0.25, 0.5, 0)),
}

// pointwiseCase keeps clear of the kinks, which all lie at 0.
func pointwiseCase(node, name string, f func(*graph.Node) *graph.Node) graphtest.Case {
	return graphtest.Case{Node: node, Name: name, In: []graphtest.Input{graphtest.Away(0.01, 3, 4)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return f(in[0])
	}}
}

func lossCase(node, name string, loss graph.Loss, in ...graphtest.Input) graphtest.Case {
	return graphtest.Case{Node: node, Name: name, In: in, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return loss(in[0], in[1])
	}}
}

// classes are indices of three classes, each in turn.
func classes(shape ...int) graphtest.Input {
	v := make([]int, graph.Shape(shape).TotalSize())
	for i := range v {
		v[i] = i % 3
	}
	return graphtest.Ints(shape, v...)
}
