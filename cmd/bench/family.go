package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// A member of the dropout family is timed beside plain dropout on the same tensor.
type member struct {
	name  string
	image bool // whether it fits between convolutions
	node  func(s *graph.Scope, x *graph.Node) *graph.Node
}

// family is timed at rates that are usual for each.
var family = []member{
	{"Dropout, classic", true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s, x, 0.5, regularize.Classic())
	}},
	{"SpatialDropout2D", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.SpatialDropout2D(s, x, 0.2) }},
	{"ChannelDropout", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.ChannelDropout(s, x, 0.2) }},
	{"LockedDropout", false, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.LockedDropout(s, nodes.Reshape(x, x.Dim(0), -1, x.Dim(1)), 0.5)
	}},
	{"StochasticDepth", true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticDepth(s, x, 0.5, regularize.RowMode())
	}},
	{"GaussianDropout", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianDropout(s, x, 0.5) }},
	{"GaussianNoise", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s, x, 0.1) }},
	{"AlphaDropout", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.AlphaDropout(s, x, 0.1) }},
	{"FeatureAlphaDropout", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.FeatureAlphaDropout(s, x, 0.1) }},
	{"Swapout, of two tensors", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Swapout(s, x, x, 0.5, 0.5) }},
	{"DropBlock2D", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.DropBlock2D(s, x, 0.1, 7) }},
	{"DropBlock2D, channels coupled", true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropBlock2D(s, x, 0.1, 7, regularize.CoupleChannels())
	}},
	{"Cutout", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Cutout(s, x, 1, 16) }},
	{"WeightedChannelDropout", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.WeightedChannelDropout(s, x, 0.1) }},
	{"FocusedDropout, taking part", true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s, x, regularize.Participation(1))
	}},
	{"FocusedDropout, not taking part", true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s, x, regularize.Participation(0))
	}},
	{"MaxDrop", true, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.MaxDrop(s, x, 0.5) }},
	{"MaxDrop across channels", true, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxDrop(s, x, 0.5, regularize.AcrossChannels())
	}},
}

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

// timeFamily prints the time of each member in times that of dropout. It is that of the
// forward pass: backward is the same op, or dropout itself.
func timeFamily(out io.Writer, o options) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "forward, in times of Dropout with p = 0.5")
	for _, p := range places {
		fmt.Fprintf(t, "\t%s", p.name)
	}
	fmt.Fprintln(t)
	for _, m := range family {
		fmt.Fprint(t, m.name)
		for _, p := range places {
			if p.between && !m.image {
				continue
			}
			ratio, err := p.ratio(m.node, o)
			if err != nil {
				return err
			}
			fmt.Fprintf(t, "\t%.2f", ratio)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// ratio returns the least time of a node over the least one of dropout, on one tensor
// of one network.
func (p place) ratio(node func(*graph.Scope, *graph.Node) *graph.Node, o options) (float64, error) {
	tr, err := p.trainer(node)
	if err != nil {
		return 0, err
	}
	plain, drop := time.Hour, time.Hour
	rounds := max(1, o.steps/10) // a profile has 11 runs, and gives the median of each time
	for start, k := time.Now(), 0; k < rounds && (k == 0 || time.Since(start) < o.limit); k++ {
		profile, err := tr.Profile()
		if err != nil {
			return 0, err
		}
		var took [2]time.Duration
		for _, c := range profile {
			switch {
			case c.Path == "plain":
				took[0] += c.Time
			case c.Path == "drop" || strings.HasPrefix(c.Path, "drop."):
				took[1] += c.Time
			}
		}
		plain, drop = min(plain, took[0]), min(drop, took[1])
	}
	return drop.Seconds() / plain.Seconds(), nil
}

// trainer returns a network of dropout and the node, beside each other, after a step.
func (p place) trainer(node func(*graph.Scope, *graph.Node) *graph.Node) (*graph.Trainer, error) {
	flat := graph.Shape{1, p.shape.TotalSize()}
	m, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
		x := s.In("x").Param("x", p.shape, graph.Normal(0, 1))
		if p.between {
			x = nodes.Conv2D(s.In("conv1"), x, p.shape[1], 1)
		}
		plain := regularize.Dropout(s.In("plain"), x, 0.5)
		x = nodes.Add(plain, nodes.Reshape(node(s.In("drop"), x), p.shape...))
		if p.between {
			x = nodes.Conv2D(s.In("conv2"), x, p.shape[1], 1)
		}
		return nodes.Reshape(x, flat...)
	}, graph.Shape{1, 1}, graph.Seed(1))
	if err != nil {
		return nil, err
	}
	t := m.Trainer(nodes.MSE())
	_, err = t.Step(tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Float32)), tensor.New(tensor.WithShape(flat...), tensor.Of(tensor.Float32)))
	return t, err
}
