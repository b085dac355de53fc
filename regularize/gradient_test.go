package regularize_test

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/regularize"
)

var allModes = []graph.Mode{graph.Train, graph.Eval, graph.MonteCarlo}

func gradients() []graphtest.Case {
	type in = []graphtest.Input
	drop := func(name string, p float64, opts ...regularize.DropoutOption) graphtest.Case {
		return graphtest.Case{
			Node: "Dropout", Name: name, Modes: allModes, In: in{graphtest.Normal(2, 3, 4)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return regularize.Dropout(s.In("drop"), in[0], p, opts...)
			},
		}
	}
	spatial := func(node string, f func(*graph.Scope, *graph.Node, float64, ...regularize.Option) *graph.Node, shape ...int) graphtest.Case {
		return graphtest.Case{
			Node: node, Modes: allModes, In: in{graphtest.Normal(shape...)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return f(s.In("drop"), in[0], 0.3) },
		}
	}
	nothing := drop("p of 1", 1)
	nothing.ZeroGradient = true
	return append(maskGradients(), []graphtest.Case{
		drop("p of 0.3", 0.3),
		drop("p of 0", 0),
		nothing,
		drop("at a scheduled rate", 0.6, regularize.LinearRate(0.3, 10)),
		drop("shared by an axis", 0.3, regularize.NoiseShape(0, 1, 0)),
		drop("shared by all", 0.3, regularize.NoiseShape(1, 1, 1)),
		{Node: "Dropout", Name: "of a scalar", Modes: allModes, In: in{graphtest.Normal()}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), in[0], 0.3)
		}},
		{Node: "Dropout", Name: "twice", Modes: allModes, In: in{graphtest.Normal(20)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			return regularize.Dropout(s.In("b"), regularize.Dropout(s.In("a"), in[0], 0.3), 0.3)
		}},
		spatial("SpatialDropout1D", regularize.SpatialDropout1D, 3, 4, 5),
		spatial("SpatialDropout2D", regularize.SpatialDropout2D, 3, 4, 2, 3),
		spatial("SpatialDropout3D", regularize.SpatialDropout3D, 3, 4, 2, 1, 3),
	}...)
}

// rows are those of gradients and of the nodes with tests of their own.
func rows() []graphtest.Case {
	all := gradients()
	all = append(all, dropBlockGradients()...)
	all = append(all, regionGradients()...)
	all = append(all, dropConnectLinearCases()...)
	all = append(all, dropConnectConvCases()...)
	all = append(all, poolGradients()...)
	all = append(all, maxDropGradients()...)
	all = append(all, preActivationGradients()...)
	return all
}

func TestGradients(t *testing.T) { graphtest.CheckAll(t, rows()) }

func TestEveryNodeHasAGradientCase(t *testing.T) { graphtest.Covered(t, ".", rows()) }

func TestNilNodes(t *testing.T) { graphtest.CheckNil(t, rows()) }

// Penalties return no node: their gradients come with the loss.
func TestGradientsOfPenalties(t *testing.T) {
	rules := map[string]func(s *graph.Scope){
		"L1":          func(s *graph.Scope) { regularize.L1(s, 0.01) },
		"L2":          func(s *graph.Scope) { regularize.L2(s, 0.01) },
		"orthogonal":  func(s *graph.Scope) { regularize.OrthogonalPenalty(s, 1e-4) },
		"both, twice": func(s *graph.Scope) { regularize.L1(s, 0.01); regularize.L1(s, 0.01); regularize.L2(s.In("fc"), 0.01) },
	}
	for name, rule := range rules {
		// The second is more than one goroutine adds at a time.
		for _, shape := range []graph.Shape{{3, 4}, {5, 2, 2}, {150, 120}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				graphtest.Check(t, graphtest.Case{
					Name: name, Modes: []graph.Mode{graph.Train}, In: []graphtest.Input{graphtest.Normal(2)},
					Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
						rule(s)
						s.In("fc").Param("weight", shape, graph.Normal(0, 1))
						return in[0]
					},
				})
			})
		}
	}
}
