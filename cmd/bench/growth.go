package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// convolutions is a plain network whose depth and width can be chosen: 3x3
// convolutions with batch norm and ReLU at one resolution.
func convolutions(width, depth int) network {
	return network{fmt.Sprintf("%d convolutions of %d", depth, width), graph.Shape{width, 32, 32}, 32,
		func(l *layers, x *graph.Node) *graph.Node {
			for i := range depth {
				b := l.in(fmt.Sprintf("block%d", i+1))
				x = nodes.ReLU(nodes.BatchNorm2D(b.s.In("bn"), b.conv2D("conv", x, width, 3, nodes.Pad(1), nodes.NoBias())))
			}
			return l.linear("fc", nodes.GlobalAvgPool(x), 10)
		}}
}

// A growth is one network of two sizes.
type growth struct {
	what         string
	small, large network
	from, to     int // batches
}

func growths() []growth {
	var all []growth
	for _, n := range networks {
		all = append(all, growth{"batch 16 to 256", n, n, 16, 256})
	}
	return append(all,
		growth{"width x2", named("mlp", perceptron(1024)), named("mlp, twice as wide", perceptron(2048)), 128, 128},
		growth{"width x2", convolutions(64, 4), convolutions(128, 4), 32, 32},
		growth{"depth x2", convolutions(64, 4), convolutions(64, 8), 32, 32})
}

func named(name string, net func(*layers, *graph.Node) *graph.Node) network {
	return network{name, graph.Shape{784}, 128, net}
}

// timeGrowth shows how the time of a step grows with its arithmetic, and what a
// second thread brings.
func timeGrowth(out io.Writer, o options) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "network\tgrowth\tms\tms\tGFLOP x\ttime x\ttime per FLOP x\t")
	for _, g := range growths() {
		if err := g.time(t, o); err != nil {
			return err
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(t, "\nnetwork\tbatch\t1 thread, ms\t2 threads, ms\tspeed x\t")
	for _, n := range networks {
		if err := n.timeThreads(t, o); err != nil {
			return err
		}
	}
	return t.Flush()
}

func (g growth) time(out io.Writer, o options) error {
	o.batch = g.from
	small, f, err := g.small.prepare(o)
	if err != nil {
		return err
	}
	o.batch = g.to
	large, h, err := g.large.prepare(o)
	if err != nil {
		return err
	}
	a, b, err := inTurn(f, h, o)
	if err != nil {
		return err
	}
	work, time := large.GFLOP/small.GFLOP, b.median()/a.median()
	_, err = fmt.Fprintf(out, "%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", g.small.name, g.what, 1e3*a.median(), 1e3*b.median(), work, time, time/work)
	return err
}

func (n network) timeThreads(out io.Writer, o options) error {
	defer graph.SetThreads(graph.Threads())
	r, step, err := n.prepare(o)
	if err != nil {
		return err
	}
	a, b, err := inTurn(withThreads(1, step), withThreads(2, step), o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\t%d\t%.2f\t%.2f\t%.2f\t\n", n.name, r.Batch, 1e3*a.median(), 1e3*b.median(), a.median()/b.median())
	return err
}

func withThreads(n int, f func() error) func() error {
	return func() error {
		graph.SetThreads(n) // does nothing where it is n already
		return f()
	}
}
