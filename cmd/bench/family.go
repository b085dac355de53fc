package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// A member of the dropout family is timed beside plain dropout on the same tensor.
type member struct {
	name   string
	image  bool // whether it fits between convolutions
	node   layer
	beside layer      // instead of dropout, if it is not nil
	moves  [2]float64 // the memory of forward and backward in times of dropout's, where that is more
}

type layer func(s *graph.Scope, x *graph.Node) *graph.Node

// family is timed at rates that are usual for each.
var family = []member{
	{name: "Dropout, classic", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s, x, 0.5, regularize.Classic())
	}},
	{name: "SpatialDropout2D", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.SpatialDropout2D(s, x, 0.2) }},
	{name: "ChannelDropout", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.ChannelDropout(s, x, 0.2) }},
	{name: "LockedDropout", image: false, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.LockedDropout(s, nodes.Reshape(x, x.Dim(0), -1, x.Dim(1)), 0.5)
	}},
	{name: "StochasticDepth", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticDepth(s, x, 0.5, regularize.RowMode())
	}},
	{name: "GaussianDropout", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianDropout(s, x, 0.5) }},
	{name: "GaussianNoise", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s, x, 0.1) }},
	{name: "AlphaDropout", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.AlphaDropout(s, x, 0.1) }},
	{name: "FeatureAlphaDropout", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.FeatureAlphaDropout(s, x, 0.1) }},
	{name: "Swapout", image: true, moves: [2]float64{3. / 2, 4. / 2}, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Swapout(s, x, s.In("branch").Param("f", x.Shape(), graph.Normal(0, 1)), 0.5, 0.5)
	}},
	{name: "DropBlock2D", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.DropBlock2D(s, x, 0.1, 7) }},
	{name: "DropBlock2D, channels coupled", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropBlock2D(s, x, 0.1, 7, regularize.CoupleChannels())
	}},
	{name: "Cutout", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Cutout(s, x, 1, 16) }},
	{name: "WeightedChannelDropout", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.WeightedChannelDropout(s, x, 0.1) }},
	{name: "FocusedDropout, taking part", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s, x, regularize.Participation(1))
	}},
	{name: "FocusedDropout, not taking part", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s, x, regularize.Participation(0.0001))
	}},
	{name: "MaxDrop", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.MaxDrop(s, x, 0.5) }},
	{name: "MaxDrop across channels", image: true, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxDrop(s, x, 0.5, regularize.AcrossChannels())
	}},
	{name: "MaxPoolDropout2D, of MaxPool2D", image: true, beside: maxPool, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout2D(s, x, 0.5, 2)
	}},
	{name: "MaxPoolDropout2D in evaluation, of MaxPool2D", image: true, beside: maxPool, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout2D(s.InMode(graph.Eval), x, 0.5, 2)
	}},
	{name: "StochasticPool2D, of MaxPool2D", image: true, beside: maxPool, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticPool2D(s, x, 2)
	}},
	{name: "StochasticPool2D in evaluation, of MaxPool2D", image: true, beside: maxPool, node: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticPool2D(s.InMode(graph.Eval), x, 2)
	}},
}

func plain(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.5) }

func maxPool(_ *graph.Scope, x *graph.Node) *graph.Node { return nodes.MaxPool2D(x, 2) }

// A place is a tensor to drop from.
type place struct {
	name    string
	shape   graph.Shape
	between bool // convolutions, whose channels lie innermost in memory
}

var places = []place{
	{"16 MiB", graph.Shape{64, 64, 32, 32}, false},
	{"256 KiB", graph.Shape{16, 64, 8, 8}, false},
	{"4 MiB between convolutions", graph.Shape{16, 64, 32, 32}, true},
}

// few is a tensor so small that what it costs is what every call does.
var few = place{"of 512 B", graph.Shape{1, 2, 8, 8}, false}

// timeFamily prints the time of each member in times that of dropout, forward and
// backward, and what a call costs.
func timeFamily(out io.Writer, o options) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "forward; backward, in times of Dropout with p = 0.5")
	for _, p := range places {
		fmt.Fprintf(t, "\t%s", p.name)
	}
	fmt.Fprintf(t, "\t%s, µs\n", few.name)
	for _, m := range append([]member{{name: "Dropout", image: true, node: plain}}, family...) {
		fmt.Fprint(t, m.name)
		var ratios [][2]float64
		for _, p := range places {
			if p.between && !m.image {
				fmt.Fprint(t, "\t")
				continue
			}
			its, of, err := p.inTurn(m, o)
			if err != nil {
				return err
			}
			r := [2]float64{its[0].Seconds() / of[0].Seconds(), its[1].Seconds() / of[1].Seconds()}
			ratios = append(ratios, r)
			fmt.Fprintf(t, "\t%.2f; %.2f", r[0], r[1])
		}
		its, _, err := few.inTurn(m, o)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "\t%.1f; %.1f\n", 1e6*its[0].Seconds(), 1e6*its[1].Seconds())
		if m.moves[0] > 0 {
			fmt.Fprintf(t, "%s, a byte", m.name)
			for _, r := range ratios {
				fmt.Fprintf(t, "\t%.2f; %.2f", r[0]/m.moves[0], r[1]/m.moves[1])
			}
			fmt.Fprintln(t, "\t")
		}
	}
	return t.Flush()
}
