package nodes_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func TestMistakesInFunctions(t *testing.T) {
	nan := math.NaN()
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	for _, c := range []struct {
		shape graph.Shape
		f     graph.Func
		want  string
	}{
		{graph.Shape{2, 3, 4, 4}, func(s scope, x node) node { return nodes.BatchNorm1D(s.In("bn"), x) },
			"bn: BatchNorm1D: x has shape (2, 3, 4, 4), want (N, C) or (N, C, L)"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.BatchNorm2D(s, x) },
			"BatchNorm2D: x has shape (2, 3), want (N, C, H, W)"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.BatchNorm3D(s, x) },
			"BatchNorm3D: x has shape (2, 3), want (N, C, D, H, W)"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.BatchNorm1D(s, x, nodes.Momentum(1.5)) },
			"momentum is 1.5, want 0 ≤ momentum ≤ 1"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.BatchNorm1D(s, x, nodes.Momentum(nan)) },
			"momentum is NaN"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.BatchNorm1D(s, x, nodes.Eps(-1)) },
			"eps is -1, want a finite value ≥ 0"},
		{graph.Shape{1, 3}, func(s scope, x node) node { return nodes.BatchNorm1D(s, x, nodes.Untracked()) },
			"expected more than 1 value per channel in eval mode"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Unfold(x, 2) },
			"Unfold: x has shape (2, 3), want (N, C, H, W)"},
		{graph.Shape{2, 3, 4, 4}, func(_ scope, x node) node { return nodes.Unfold(x, 5) },
			"Unfold: a window spans [5 5] and x with its padding [4 4], want a window that fits"},
		{graph.Shape{2, 3, 4, 4}, func(_ scope, x node) node { return nodes.Unfold(x, 3, nodes.Same(), nodes.Stride(2)) },
			"Unfold: Same with Stride[2], want a stride of 1"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Linear(s, x, 1<<60) },
			"Linear: weight: the shape is (1152921504606846976, 3), want at most 2⁴⁰ elements"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.LayerNorm(s, x, nodes.Eps(nan)) },
			"LayerNorm: eps is NaN"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.LayerNorm(s, x, nodes.Axes(2)) },
			"x has shape (2, 3) and the last 2 axes are to be normalised"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.LayerNorm(s, x, nodes.Axes(0)) },
			"the last 0 axes"},
		{graph.Shape{2, 4}, func(s scope, x node) node { return nodes.GroupNorm(s, x, 3) },
			"GroupNorm: groups is 3, want a divisor of the 4 channels of x"},
		{graph.Shape{2, 4}, func(s scope, x node) node { return nodes.GroupNorm(s, x, 0) },
			"groups is 0"},
		{graph.Shape{2}, func(s scope, x node) node { return nodes.GroupNorm(s, x, 1) },
			"x has shape (2), want (N, C, ...)"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.LeakyReLU(x, nodes.NegativeSlope(nan)) },
			"leakyrelu#1: LeakyReLU: the slope is NaN, want a finite value"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.ELU(x, nodes.Alpha(math.Inf(1))) },
			"alpha is +Inf, want a finite value"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Softplus(x, nodes.Beta(0)) },
			"beta is 0, want a finite value > 0"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Softplus(x, nodes.Threshold(nan)) },
			"threshold is NaN"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Softmax(x, 2) },
			"axis is 2 and x has shape (2, 3), want -2 ≤ axis < 2"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.LogSoftmax(x, -3) },
			"axis is -3"},
		// The first mistake is the one reported; nodes after it are inert.
		{graph.Shape{2, 3}, func(s scope, x node) node {
			x = nodes.ReLU(nodes.BatchNorm2D(s.In("first"), x))
			x = nodes.GroupNorm(s.In("b"), nodes.LayerNorm(s.In("a"), x), 2)
			return nodes.Softmax(nodes.BatchNorm1D(s.In("c"), x), 1)
		}, "first: BatchNorm2D"},
		// So are those of a graph that failed elsewhere, though x has a shape.
		{graph.Shape{2, 3}, func(s scope, x node) node {
			s.In("drop").Errorf("p is 2")
			return nodes.CrossEntropy()(x, nodes.BatchNorm1D(s.In("bn"), x))
		}, "drop: p is 2"},
		{graph.Shape{2, 3}, func(s scope, x node) node {
			s.In("drop").Errorf("p is 2")
			return nodes.CrossEntropy()(x, x)
		}, "drop: p is 2"},
	} {
		_, err := graph.Build(c.f, c.shape)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("shape %v: got error %v, want one with %q", c.shape, err, c.want)
		}
	}
}

func TestMistakesInLosses(t *testing.T) {
	ints := func(shape graph.Shape, v ...int) *tensor.Dense {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
	}
	floats := func(shape ...int) *tensor.Dense {
		return tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	}
	for _, c := range []struct {
		loss      graph.Loss
		y, target *tensor.Dense
		want      string
	}{
		{nodes.CrossEntropy(), floats(2, 3), ints(graph.Shape{2}, 0, 3),
			"CrossEntropy: the target at [1] is 3, want 0 ≤ target < 3, the number of classes, or -100, which is ignored"},
		{nodes.CrossEntropy(nodes.IgnoreIndex(0)), floats(2, 3), ints(graph.Shape{2}, 0, -1), "the target at [1] is -1"},
		{nodes.NLL(nodes.Sum), floats(2, 3, 2, 2), ints(graph.Shape{2, 2, 2}, 0, 1, 2, 0, 1, 2, 9, 0),
			"NLL: the target at [1 1 0] is 9, want 0 ≤ target < 3"},
		{nodes.CrossEntropy(), floats(2, 3), ints(graph.Shape{2, 1}, 0, 1),
			"the prediction has shape (2, 3) and the target (2, 1), want class indices of shape (2)"},
		{nodes.CrossEntropy(), floats(2), ints(graph.Shape{2}, 0, 1),
			"the prediction has shape (2), want (N, C) or (N, C, ...)"},
		{nodes.CrossEntropy(), floats(2, 3), floats(2),
			"want class indices of type int and shape (2), or probabilities of type float32 and the shape of the prediction"},
		{nodes.CrossEntropy(nodes.IgnoreIndex(1)), floats(2, 3), floats(2, 3),
			"IgnoreIndex is 1 and the target holds probabilities"},
		{nodes.CrossEntropy(nodes.ClassWeights(1, 2)), floats(2, 3), ints(graph.Shape{2}, 0, 1),
			"got 2 class weights for 3 classes, want one each"},
		{nodes.CrossEntropy(nodes.ClassWeights(1, -2, 1)), floats(2, 3), ints(graph.Shape{2}, 0, 1),
			"class weight 1 is -2, want a finite value ≥ 0"},
		{nodes.CrossEntropy(nodes.LabelSmoothing(1.1)), floats(2, 3), ints(graph.Shape{2}, 0, 1),
			"the label smoothing is 1.1, want 0 ≤ smoothing ≤ 1"},
		{nodes.CrossEntropy(nodes.Reduction(7)), floats(2, 3), ints(graph.Shape{2}, 0, 1),
			"the reduction is 7, want Mean, Sum or None"},
		{nodes.CrossEntropy(nodes.None), floats(2, 3), ints(graph.Shape{2}, 0, 1),
			"the loss has shape (2), want a scalar"},
		{nodes.NLL(), floats(2, 3), floats(2, 3),
			"NLL: the target has type float32, want class indices of type int"},
		{nodes.MSE(), floats(4, 1), floats(4),
			"MSE: the prediction has shape (4, 1) and the target (4), want equal shapes: broadcast"},
		{nodes.L1(), floats(4, 1), floats(4), "the targets of other samples; end the model in nodes.Reshape(y, -1)"},
		{nodes.CrossEntropy(), floats(2, 3, 1, 1), ints(graph.Shape{2}, 0, 1),
			"want class indices of shape (2, 1, 1); or is a nodes.Flatten missing?"},
		{nodes.L1(), floats(2, 3), ints(graph.Shape{2, 3}, 0, 0, 0, 0, 0, 0),
			"L1: the target has type int, want float32 as the prediction"},
		{nodes.Huber(nodes.Delta(0)), floats(2, 3), floats(2, 3), "Huber: delta is 0, want a finite value > 0"},
		{nodes.BCEWithLogits(), floats(4), floats(4, 1), "BCEWithLogits: the prediction has shape (4) and the target (4, 1)"},
		{nodes.BCEWithLogits(nodes.PosWeight(1, 2)), floats(4, 3), floats(4, 3), "got 2 PosWeights for 3 classes"},
		{nodes.BCEWithLogits(nodes.ClassWeights(1, 2)), floats(4, 3), floats(4, 3), "got 2 class weights for 3 classes"},
		{nodes.BCEWithLogits(nodes.PosWeight(math.NaN())), floats(4, 3), floats(4, 3), "PosWeight 0 is NaN"},
	} {
		// The model has a parameter, so that the gradient is built too.
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return s.Param("y", c.y.Shape(), graph.Zeros())
		}, c.y.Shape())
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Trainer(c.loss).Step(c.y, c.target)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("prediction %v, target %v: got error %v, want one with %q", c.y.Shape(), c.target.Shape(), err, c.want)
		}
	}
}
