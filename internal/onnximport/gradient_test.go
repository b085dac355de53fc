package onnximport

import (
	"maps"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/onnxpb"
)

// on is a case of what r makes of values.
func on(name string, f func(c *call, v ...*value) *value, in ...graphtest.Input) graphtest.Case {
	return graphtest.Case{Node: name, In: in, Net: func(s *graph.Scope, nodes ...*graph.Node) *graph.Node {
		r := &run{f: &File{made: 1 << 20, opset: lastSet}, root: s, s: s, values: map[string]*value{}, counted: map[string]bool{}, most: 1 << 20}
		c := &call{run: r, n: &onnxpb.NodeProto{}}
		for _, n := range nodes {
			c.in = append(c.in, computed(floats, n))
		}
		return f(c, c.in...).node()
	}}
}

// within are inputs of functions that are not defined everywhere, or have kinks.
func within(name string) graphtest.Input {
	x := graphtest.Normal(3, 4)
	switch name {
	case "Log", "Sqrt":
		return graphtest.Values(graph.Shape{2, 3}, 0.2, 0.5, 1, 1.7, 3, 8)
	case "Acosh":
		return graphtest.Values(graph.Shape{2, 2}, 1.2, 1.7, 3, 8)
	case "Asin", "Acos", "Atanh":
		return graphtest.Values(graph.Shape{2, 3}, -0.9, -0.4, -0.1, 0.2, 0.6, 0.8)
	case "Reciprocal", "Abs", "Softsign":
		return graphtest.Values(graph.Shape{2, 3}, -3, -1, -0.3, 0.4, 1, 2)
	case "HardSwish":
		return graphtest.Values(graph.Shape{2, 3}, -4, -2, -0.3, 0.4, 2, 5)
	}
	return x
}

func TestGradients(t *testing.T) {
	var cases []graphtest.Case
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		if functions[name].df != nil {
			cases = append(cases, on(name, func(c *call, v ...*value) *value { return c.function(name, v[0]) }, within(name)))
		}
	}
	apart := graphtest.Values(graph.Shape{2, 3}, -2, 0.7, 1.5, 3, -0.4, 0.9)
	others := graphtest.Values(graph.Shape{2, 3}, 1.2, -0.6, 2.5, -1, 0.3, 2)
	positive := graphtest.Values(graph.Shape{2, 3}, 0.5, 0.7, 1.5, 3, 0.4, 0.9)
	for _, name := range slices.Sorted(maps.Keys(operations)) {
		if operations[name].truth || name == "Mod" {
			continue
		}
		a := apart
		if name == "Pow" {
			a = positive
		}
		row := graphtest.Values(graph.Shape{3}, 1.1, -0.7, 2.2)
		cases = append(cases,
			on(name, func(c *call, v ...*value) *value { return c.operation(name, v[0], v[1]) }, a, others),
			on(name+", broadcast", func(c *call, v ...*value) *value { return c.operation(name, v[0], v[1]) }, a, row))
	}
	kinds := []string{"Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"}
	for _, name := range kinds {
		for _, axes := range [][]int{{1}, {0, 2}} {
			x := graphtest.Values(graph.Shape{2, 3, 2}, 0.5, 1.1, 2.3, 0.9, 1.7, 0.2, 3.1, 0.7, 1.3, 2.9, 0.4, 1.9)
			cases = append(cases, on("Reduce"+name, func(c *call, v ...*value) *value { return c.reduce("Reduce"+name, v[0], axes) }, x))
		}
	}
	distinct := graphtest.Values(graph.Shape{2, 4, 2}, 0.5, 1.1, 2.3, 0.9, 1.7, 0.2, 3.1, 0.7, 1.3, 2.9, 0.4, 1.9, -1, -0.3, 0.1, 4)
	cases = append(cases,
		on("Take", func(c *call, v ...*value) *value { return c.take(v[0], 1, []int{2, 0, 2}) }, distinct),
		on("Stretch", func(c *call, v ...*value) *value { return c.expand(v[0], []int{2, 3, 4}) }, graphtest.Values(graph.Shape{2, 1, 4}, 0.5, 1.1, 2.3, 0.9, 1.7, 0.2, 3.1, 0.7)),
		on("Padding", func(c *call, v ...*value) *value { return c.padWith(v[0], 1, 2, 1, -1.5) }, distinct),
		on("Where", func(c *call, v ...*value) *value {
			return computed(floats, c.s.Apply(choose{}, c.constant(&array{bools, []int{2, 3}, []float64{1, 0, 0, 1, 1, 0}}).node(), v[0].node(), v[1].node()))
		}, apart, others),
		on("TopK", func(c *call, _ ...*value) *value { return c.with("axis", 1, "k", 2).topK()[0] }, distinct),
		on("TopK, smallest", func(c *call, _ ...*value) *value { return c.with("axis", 1, "k", 3, "largest", 0).topK()[0] }, distinct),
		on("Celu", func(c *call, _ ...*value) *value { return c.celu()[0] }, apart),
		on("HardSigmoid", func(c *call, _ ...*value) *value { return c.hardSigmoid()[0] }, graphtest.Values(graph.Shape{2, 2}, -4, -1, 0.5, 3)),
		on("ThresholdedRelu", func(c *call, _ ...*value) *value { return c.thresholdedRelu()[0] }, apart),
		on("scaled", func(c *call, v ...*value) *value { return c.scaled(v[0], -2.5, 3) }, apart),
	)
	graphtest.CheckAll(t, cases)
}

// with gives the node whole numbers as attributes: names and values in turn.
func (c *call) with(attributes ...any) *call {
	for i := 0; i < len(attributes); i += 2 {
		name, n := attributes[i].(string), int64(attributes[i+1].(int))
		c.n.Attribute = append(c.n.Attribute, &onnxpb.AttributeProto{Name: &name, I: &n, Type: onnxpb.AttributeProto_INT.Enum()})
	}
	return c
}
