package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"text/tabwriter"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// An operation is a kernel on float32 memory. What it is measured by is its
// arithmetic or, if it has none to speak of, the memory it has to read and write.
type operation struct {
	name, pass string
	gflop      float64
	gbyte      float64
	f          func()
}

// timeOps times operations as parts of the most that the machine can do: of its
// multiply-adds in registers, or of the speed at which it copies memory.
func timeOps(out io.Writer, o options) error {
	most := machine{}
	var ops []operation
	var took []float64 // seconds
	for _, group := range []func() []operation{products, convolve3x3, convolveOther, masks, memoryBound, softmaxes, updates} {
		most = most.max(o.machine()) // now and then, for others may be using it
		for _, op := range group() {
			d, err := repeat(func() error { op.f(); return nil }, o.warmup, o.steps, o.limit)
			if err != nil {
				return err
			}
			op.f = nil // which holds its memory
			ops, took = append(ops, op), append(took, d.median())
		}
	}
	dropout, err := dropoutBesideCopy(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d threads, %s kernels: at most %.0f GFLOP/s, and copies of 16 MiB at %.1f GB/s\n\n", o.threads, cpu.Get(), most.flops, most.bytes)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\tpass\tms\tGFLOP/s\tGB/s\tof the most")
	for i, op := range ops {
		op.report(t, took[i], most)
	}
	fmt.Fprintf(t, "\ndropout of 16 MiB takes %.2f times as long as a copy, in turn\n\n", dropout)
	if err := t.Flush(); err != nil {
		return err
	}
	return timeFamily(out, o)
}

func (op operation) report(out io.Writer, s float64, most machine) {
	flops, bytes, part := "", fmt.Sprintf("%.1f", op.gbyte/s), op.gbyte/s/most.bytes
	if op.gflop > 0 {
		flops, bytes, part = fmt.Sprintf("%.1f", op.gflop/s), "", op.gflop/s/most.flops
	}
	fmt.Fprintf(out, "%s\t%s\t%.3f\t%s\t%s\t%.0f %%\n", op.name, op.pass, 1e3*s, flops, bytes, 100*part)
}

var random = rand.New(rand.NewPCG(3, 4))

// noise returns n numbers of a normal distribution.
func noise(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	return x
}

// gigabytes returns the size of so many float32.
func gigabytes(n int) float64 { return 4e-9 * float64(n) }
