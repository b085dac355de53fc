package graph

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A devicePlan is where the values of a plan lie in the memory of a CUDA device.
type devicePlan struct {
	weights map[int]*weight // by slot
	step    int             // slot of the number of the step, -1 without
	offsets map[int]int     // of the other slots in the slab, in bytes
	scratch int             // where working memory, the words of a step and reports begin
	words   int
	reports int
	bytes   int // of the slab

	scratchBytes, wordBytes, reportBytes int
}

// compileForDevice compiles a declared program for a CUDA device.
func (p *program) compileForDevice(b *builder) (err error) {
	if p.plan, err = compile(b.graph, goal{outputs: p.outputs(), plain: true}); err != nil {
		return err
	}
	weights := map[*gorgonia.Node]*weight{}
	for i, n := range p.nodes {
		weights[n] = p.weights[i]
	}
	return p.plan.onDevice(weights, p.step)
}

// onDevice plans for a CUDA device. Every op must have a kernel: nothing is computed
// elsewhere without a word.
func (p *plan) onDevice(weights map[*gorgonia.Node]*weight, step *Node) error {
	d := &devicePlan{weights: map[int]*weight{}, offsets: map[int]int{}, step: -1}
	for n, w := range weights {
		if id, used := p.index[n]; used {
			d.weights[id] = w
		}
	}
	if step != nil {
		if id, used := p.index[step.n]; used {
			d.step = id
		}
	}
	for k := range p.instrs {
		if err := p.instrs[k].hasKernel(); err != nil {
			return err
		}
	}
	base := map[tensor.Dtype]int{}
	for dt, n := range p.arena {
		base[dt] = d.bytes
		d.bytes += aligned(n * int(dt.Size()))
	}
	for id, s := range p.slots {
		switch {
		case d.weights[id] != nil, id == d.step:
		case s.kind == arenaSlot:
			d.offsets[id] = base[s.dtype] + s.offset*int(s.dtype.Size())
		case s.kind == constSlot, s.kind == inputSlot:
			d.offsets[id] = d.bytes
			d.bytes += aligned(s.bytes())
		}
	}
	p.device = d
	return p.measure()
}

// NoKernel is the error of [Build] for an operation that a CUDA device can't compute: a
// stock one, or one of another package.
type NoKernel struct{ Op string }

func (e *NoKernel) Error() string {
	return e.Op + " has no kernel for CUDA; build the model on the CPU"
}

// hasKernel returns an error for an instruction that a CUDA device can't compute.
func (i *instr) hasKernel() error {
	switch i.own.(type) {
	case Launcher, Viewer:
		return nil
	}
	return i.at(&NoKernel{i.name()})
}

// measure records the plan once to see what memory its ops want beside their values.
func (p *plan) measure() error {
	d := p.device
	const somewhere = cuda.Pointer(1 << 20) // any address does but 0, which would be no memory
	c := cuda.NewCommands(somewhere, somewhere, somewhere)
	at := map[*weight]cuda.Value{}
	for _, w := range d.weights {
		v, err := onDevice(w.Value.Dtype(), w.Value.Shape(), somewhere)
		if err != nil {
			return errors.WithMessage(err, w.Name)
		}
		at[w] = v
	}
	if _, _, err := p.record(c, somewhere, at); err != nil {
		return err
	}
	d.scratchBytes, d.wordBytes, d.reportBytes = c.Layout()
	for _, part := range []struct {
		at    *int
		bytes int
	}{{&d.scratch, d.scratchBytes}, {&d.words, d.wordBytes}, {&d.reports, d.reportBytes}} {
		*part.at = d.bytes
		d.bytes += aligned(part.bytes)
	}
	return nil
}

// record records what the plan does with values in a slab and weights. It returns where
// each value lies and, for each instruction, the number of commands up to its end.
func (p *plan) record(c *cuda.Commands, slab cuda.Pointer, weights map[*weight]cuda.Value) (values []cuda.Value, ends []int, err error) {
	d := p.device
	c.Fill(slab+cuda.Pointer(d.reports), ^uint32(0), d.reportBytes/4)
	// The number of the step comes first among the words of a step.
	step := c.PerStep(2, func(step uint64, words []uint32) { words[0], words[1] = uint32(step), uint32(step>>32) })
	values = make([]cuda.Value, len(p.slots))
	for id, s := range p.slots {
		switch offset, has := d.offsets[id]; {
		case d.weights[id] != nil:
			values[id] = weights[d.weights[id]]
		case id == d.step:
			values[id], err = onDevice(s.dtype, s.shape, step)
		case has:
			values[id], err = onDevice(s.dtype, s.shape, slab+cuda.Pointer(offset))
		}
		if err != nil {
			return nil, nil, errors.WithMessagef(err, "the value of %v", s.node)
		}
	}
	for k := range p.instrs {
		i := &p.instrs[k]
		if p.slots[i.out].kind == viewSlot {
			values[i.out] = values[i.in[0]]
			values[i.out].Shape = p.slots[i.out].shape
		} else if err := i.launch(c, k, values); err != nil {
			return nil, nil, err
		}
		ends = append(ends, c.Len())
	}
	return values, ends, nil
}

// launch records instruction number k.
func (i *instr) launch(c *cuda.Commands, k int, values []cuda.Value) error {
	in := make([]cuda.Value, len(i.in))
	for j, id := range i.in {
		in[j] = values[id]
	}
	c.Next(k)
	err := guard.Call("Launch", func() error {
		i.own.(Launcher).Launch(c, values[i.out], in...)
		return c.Err()
	})
	if err != nil {
		return i.at(err)
	}
	return nil
}

// tooLarge says of an allocation that failed what it was for.
func (p *plan) tooLarge(err error) error {
	var oom *cuda.OutOfMemory
	if !errors.As(err, &oom) {
		return err
	}
	largest := -1
	for _, i := range p.instrs {
		if p.slots[i.out].kind == arenaSlot && (largest < 0 || p.slots[i.out].bytes() > p.slots[largest].bytes()) {
			largest = i.out
		}
	}
	if largest < 0 {
		return errors.WithMessage(err, "the values of a run")
	}
	i := p.instrs[slices.IndexFunc(p.instrs, func(i instr) bool { return i.out == largest })]
	return errors.WithMessagef(err, "the values of a run take %s, the largest %s, the output %v of %s %s; use a smaller batch, or train.Accumulate",
		bytes(p.device.bytes), bytes(p.slots[largest].bytes()), p.slots[largest].shape, i.path, i.name())
}
