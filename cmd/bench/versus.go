package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
)

// timeStock times training steps of two networks here and on stock Gorgonia, in
// turn. Stock is also the BLAS that Gorgonia comes with: package graph has put
// ours in its place.
func timeStock(out io.Writer, o options) error {
	gorgonia.Use(gonum.Implementation{})
	o.mode, o.optim = "train", "sgd"
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "network\tbatch\there, ms\tGorgonia, ms\tratio\tallocations here\tGorgonia\t")
	for _, name := range []string{"mlp", "lenet_dropout"} {
		n, err := networkNamed(name)
		if err != nil {
			return err
		}
		ours, step, err := n.prepare(o)
		if err != nil {
			return err
		}
		theirs, err := stockStep(name, ours.Batch)
		if err != nil {
			return err
		}
		a, b, err := inTurn(step, theirs, o)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t\n", name, ours.Batch, 1e3*a.median(), 1e3*b.median(), b.median()/a.median(), a.allocs, b.allocs)
	}
	return t.Flush()
}

// block is how many steps run of one side before the other has its turn: enough
// to find the caches its own again.
const block = 4

// inTurn times two functions in turn, block by block, until each has been called
// o.steps times or the limit has passed.
func inTurn(f, g func() error, o options) (a, b timing, err error) {
	for start := time.Now(); len(b.seconds) == 0 || len(b.seconds) < o.steps && time.Since(start) < o.limit; {
		if err := a.more(f); err != nil {
			return a, b, err
		}
		if err := b.more(g); err != nil {
			return a, b, err
		}
	}
	slices.Sort(a.seconds)
	slices.Sort(b.seconds)
	return a, b, nil
}

// more adds a block to a timing.
func (t *timing) more(f func() error) error {
	runtime.GC() // or one side would pay for the garbage of the other
	u, err := repeat(f, 1, block, time.Minute)
	t.seconds = append(t.seconds, u.seconds...)
	t.allocs = u.allocs
	return err
}
