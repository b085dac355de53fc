package regularize_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// A member is a node that drops x at a rate.
type member struct {
	name  string
	shape graph.Shape
	f     func(s *graph.Scope, x *graph.Node, p float64) *graph.Node
}

var family = []member{
	{"Dropout", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.Dropout(s, x, p)
	}},
	{"Dropout, classic", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.Dropout(s, x, p, regularize.Classic())
	}},
	{"ChannelDropout", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.ChannelDropout(s, x, p)
	}},
	{"LockedDropout", graph.Shape{6, 4, 9}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.LockedDropout(s, x, p)
	}},
	{"StochasticDepth", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.StochasticDepth(s, x, p)
	}},
	{"StochasticDepth, row mode", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.StochasticDepth(s, x, p, regularize.RowMode())
	}},
	{"StochasticBranch", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.StochasticBranch(s, x, p, func(_ *graph.Scope, x *graph.Node) *graph.Node { return x })
	}},
	{"AlphaDropout", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.AlphaDropout(s, x, p)
	}},
	{"AlphaDropout, shared", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.AlphaDropout(s, x, p, regularize.NoiseShape(0, 1, 0, 0))
	}},
	{"FeatureAlphaDropout", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.FeatureAlphaDropout(s, x, p)
	}},
	{"GaussianDropout", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.GaussianDropout(s, x, p)
	}},
	{"GaussianNoise", graph.Shape{6, 4, 3, 3}, func(s *graph.Scope, x *graph.Node, p float64) *graph.Node {
		return regularize.GaussianNoise(s, x, p) // of a standard deviation, and no rate
	}},
}

// With p of 0, training is that of the network without the node, bit for bit; with
// another p it isn't.
func TestFamilyAtPOfZeroIsTheNetworkWithoutIt(t *testing.T) {
	for _, m := range family {
		t.Run(m.name, func(t *testing.T) {
			net := func(drop func(*graph.Scope, *graph.Node) *graph.Node) graph.Func {
				return network(func(s *graph.Scope, x *graph.Node) *graph.Node {
					if x.Dims() != 4 {
						return x
					}
					shape := x.Shape()
					return nodes.Reshape(drop(s, nodes.Reshape(x, m.shape...)), shape...)
				})
			}
			of := func(p float64) graph.Func {
				return net(func(s *graph.Scope, x *graph.Node) *graph.Node { return m.f(s, x, p) })
			}
			without, weights := fit(t, net(func(_ *graph.Scope, x *graph.Node) *graph.Node { return x }), 5)
			with, same := fit(t, of(0), 5)
			if !slices.Equal(with, without) {
				t.Errorf("p of 0: got losses %v, want %v", with, without)
			}
			for i, w := range weights {
				if !slices.Equal(same[i].Value.Float32s(), w.Value.Float32s()) {
					t.Errorf("p of 0: %s differs after training", w.Name)
				}
			}
			if dropped, _ := fit(t, of(0.4), 5); slices.Equal(dropped, without) {
				t.Errorf("p of 0.4: got the losses without it, %v", dropped)
			}
		})
	}
}

// With p of 1 output and gradient are 0, whatever they are of.
func TestFamilyAtPOfOneIsZero(t *testing.T) {
	for _, m := range family {
		if strings.HasPrefix(m.name, "Gaussian") {
			continue // which doesn't drop
		}
		n := m.shape.TotalSize()
		x, dy := constant(1, n), constant(1, n)
		x[0], x[1], dy[1], dy[2] = math.NaN(), math.Inf(1), math.NaN(), math.Inf(-1)
		y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return m.f(s.In("drop"), x, 1) }, m.shape, x).at(t, 0, dy)
		wantClose(t, m.name+": y", y, constant(0, n), 0)
		wantClose(t, m.name+": dx", dx, constant(0, n), 0)
	}
}

// In evaluation every member but the classic ones is the identity.
func TestFamilyInEvaluation(t *testing.T) {
	for _, m := range family {
		n := m.shape.TotalSize()
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i) - 5
		}
		want := slices.Clone(x)
		if m.name == "Dropout, classic" {
			for i := range want {
				want[i] *= 0.75
			}
		}
		y, _ := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return m.f(s.In("drop"), x, 0.25) },
			m.shape, x, graph.InMode(graph.Eval)).at(t, 0, x)
		wantClose(t, m.name, y, want, 0)
	}
}

// An equal seed, path and step give equal bits, and another of them others.
func TestFamilyDrawsByPathAndStep(t *testing.T) {
	for _, m := range family {
		size := m.shape.TotalSize()
		draw := func(path string, step uint64) []float64 {
			y, _ := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return m.f(s.In(path), x, 0.5) },
				m.shape, constant(1, size)).at(t, step, constant(1, size))
			return y
		}
		if !slices.Equal(draw("a", 5), draw("a", 5)) {
			t.Errorf("%s: one path and step drew two masks", m.name)
		}
		// A draw for the whole batch is equal at every second step or so.
		differs := func(other func(step uint64) []float64) bool {
			for step := range uint64(20) {
				if !slices.Equal(draw("a", step), other(step)) {
					return true
				}
			}
			return false
		}
		if !differs(func(step uint64) []float64 { return draw("b", step) }) {
			t.Errorf("%s: two paths drew the same masks", m.name)
		}
		if !differs(func(step uint64) []float64 { return draw("a", step+1) }) {
			t.Errorf("%s: all steps drew the same mask", m.name)
		}
	}
}
