package graph

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Profile is where the time of one run of a program goes, in order of running.
// Ops that were merged are one operation, with the name of the first layer. What is
// made of the weights once for many predictions is not in it.
type Profile []Cost

// A Cost is that of one operation of a program.
type Cost struct {
	Path string // of the node, empty for what the program adds
	Op   string
	// Time is the median over the runs.
	Time time.Duration
	// FLOPs is the number of floating-point operations, counted as in the
	// definition of the op, two for a multiplication with an addition; 0 for ops
	// that only go through memory.
	FLOPs int64
	// Bytes is the size of the inputs and the output.
	Bytes int64
}

// A Counter is an op that computes more than it goes through memory: FLOPs returns
// how much, for inputs of the given shapes. See [Cost].
type Counter interface {
	Op
	FLOPs(in ...Shape) int64
}

// profileRuns is how often a program runs for a profile.
const profileRuns = 11

// Profile predicts x 11 times, and returns the cost of each operation.
func (m *Model) Profile(x *tensor.Dense) (out Profile, err error) {
	err = m.ready(Eval, x, 0, func(_ *program, mach *machine) (err error) {
		out, err = mach.profile()
		return err
	})
	return out, err
}

// Profile repeats the last step or evaluation 11 times, and returns the cost of each
// operation. After [Trainer.Update] the weights are other ones, and so are then the
// output and the gradients of the step.
func (t *Trainer) Profile() (Profile, error) {
	if !t.done {
		return nil, errors.New("no step to repeat: call Step first")
	}
	t.m.running.RLock()
	defer t.m.running.RUnlock()
	return t.mach.profile()
}

// profile runs what is bound.
func (m *machine) profile() (Profile, error) {
	times := make([][profileRuns]time.Duration, len(m.p.instrs))
	for run := range profileRuns {
		k, last := 0, time.Now()
		if err := m.run(func(*instr, *tensor.Dense) error {
			now := time.Now()
			times[k][run] = now.Sub(last)
			k, last = k+1, now
			return nil
		}); err != nil {
			return nil, err
		}
	}
	out := make(Profile, len(m.p.instrs))
	for k := range m.p.instrs {
		i := &m.p.instrs[k]
		slices.Sort(times[k][:])
		flops, err := m.p.flops(i)
		if err != nil {
			return nil, err
		}
		out[k] = Cost{Path: i.path, Op: i.name(), Time: times[k][profileRuns/2], FLOPs: flops, Bytes: m.p.traffic(i)}
	}
	return out, nil
}

// name is that of the op without its attributes.
func (i *instr) name() string {
	if i.own == nil {
		return kindOf(i.stock)
	}
	return kindOf(i.own)
}

func (p *plan) flops(i *instr) (n int64, err error) {
	if c, ok := i.own.(Counter); ok {
		err = i.ask("FLOPs", func() { n = c.FLOPs(p.shapes(i)...) })
	}
	return n, err
}

func (p *plan) traffic(i *instr) int64 {
	if p.slots[i.out].kind == viewSlot || i.stmt != noStmt {
		return 0
	}
	n := p.slots[i.out].bytes()
	for _, in := range i.in {
		n += p.slots[in].bytes()
	}
	return int64(n)
}

// Total returns the sums over all operations.
func (p Profile) Total() Cost {
	sum := Cost{Op: "total"}
	for _, c := range p {
		sum.Time += c.Time
		sum.FLOPs += c.FLOPs
		sum.Bytes += c.Bytes
	}
	return sum
}

// Write writes a table: what costs most comes first.
func (p Profile) Write(w io.Writer) error {
	if w == nil {
		return errors.New("writing the profile: the writer is nil")
	}
	total := p.Total()
	rows := slices.SortedStableFunc(slices.Values(p), func(a, b Cost) int { return int(b.Time - a.Time) })
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "time\tshare\tGFLOP/s\tGB/s\t node\t")
	for _, c := range append(rows, total) {
		share, gflops, gbytes := 0.0, 0.0, 0.0
		if total.Time > 0 {
			share = 100 * float64(c.Time) / float64(total.Time)
		}
		if c.Time > 0 {
			gflops = float64(c.FLOPs) / float64(c.Time)
			gbytes = float64(c.Bytes) / float64(c.Time)
		}
		fmt.Fprintf(t, "%v\t%.1f %%\t%.1f\t%.1f\t %s\t\n", c.Time.Round(time.Microsecond), share, gflops, gbytes, c.label())
	}
	return errors.Wrap(t.Flush(), "writing the profile")
}

func (c Cost) label() string {
	if c.Path == "" {
		return c.Op
	}
	return c.Path + " " + c.Op
}
