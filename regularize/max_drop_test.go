package regularize_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/regularize"
)

func maxDrop(p float64, opts ...regularize.MaxDropOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxDrop(s.In("drop"), x, p, opts...)
	}
}

func maxDropGradients() []graphtest.Case {
	return []graphtest.Case{
		gradientOf("MaxDrop", "", maxDrop(0.5), graphtest.Distinct(3, 2, 3, 4)),
		gradientOf("MaxDrop", "across channels", maxDrop(0.5, regularize.AcrossChannels()), graphtest.Distinct(3, 4, 5)),
		gradientOf("MaxDrop", "at a drawn rate", maxDrop(1, regularize.RandomRate(0)), graphtest.Distinct(3, 2, 3, 4)),
		gradientOf("MaxDrop", "p of 1", maxDrop(1), graphtest.Distinct(3, 2, 3, 4)),
	}
}

// Worked by hand.
func TestMaxDropAgainstHand(t *testing.T) {
	for _, c := range []struct {
		name    string
		opts    []regularize.MaxDropOption
		shape   graph.Shape
		x, want []float64
	}{
		{"of a map", nil, graph.Shape{1, 1, 2, 2}, []float64{1, 5, 2, 3}, []float64{1, 0, 2, 3}},
		{"across channels", []regularize.MaxDropOption{regularize.AcrossChannels()}, graph.Shape{1, 3, 1}, []float64{2, 7, 4}, []float64{2, 0, 4}},
		{"of equals", nil, graph.Shape{1, 1, 4}, []float64{1, 3, 3, 2}, []float64{1, 0, 3, 2}},
	} {
		n := len(c.x)
		f := maxDrop(0.5, c.opts...)
		y, dx := try(t, f, c.shape, c.x).at(t, stepThat("drop", 0.5, 0), constant(1, n))
		wantClose(t, c.name+": y", y, c.want, 0)
		for i, v := range c.want {
			if v != 0 {
				c.want[i] = 1
			}
		}
		wantClose(t, c.name+": dx", dx, c.want, 0)
		y, dx = try(t, f, c.shape, c.x).at(t, stepThat("drop", 0.5, 1), constant(1, n))
		wantClose(t, c.name+": y of no drop", y, c.x, 0)
		wantClose(t, c.name+": dx of no drop", dx, constant(1, n), 0)
		y, _ = try(t, f, c.shape, c.x, graph.InMode(graph.Eval)).at(t, 0, constant(1, n))
		wantClose(t, c.name+": y in evaluation", y, c.x, 0)
	}
	y, _ := try(t, maxDrop(1), graph.Shape{1, 1, 3}, []float64{1, math.Inf(1), 2}).at(t, 0, constant(1, 3))
	wantClose(t, "infinite", y, []float64{1, 0, 2}, 0)
}

func TestMaxDropRates(t *testing.T) {
	const n, p = 100_000, 0.3
	x := make([]float32, 0, 3*n)
	for range n {
		x = append(x, 1, 3, 2)
	}
	for name, f := range map[string]graph.Func{
		"maps":            maxDrop(p),
		"across channels": maxDrop(p, regularize.AcrossChannels()),
	} {
		shape := graph.Shape{n, 1, 3}
		if name != "maps" {
			shape = graph.Shape{n, 3, 1}
		}
		y := sample(t, f, shape, slices.Clone(x))
		wantWithin(t, name, float64(len(only(y, 0)))/n, p, 4*math.Sqrt(p*(1-p)/n))
	}
}

func TestMaxDropOnChannelsLastMemory(t *testing.T) {
	sameOnChannelsLast(t, maxDrop(0.5), graph.Shape{5, 35, 7, 9})
	sameOnChannelsLast(t, maxDrop(0.5, regularize.AcrossChannels()), graph.Shape{5, 35, 7, 9})
}
