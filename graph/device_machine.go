package graph

import (
	"math"
	"os"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// A deviceMachine is the memory of a machine on a CUDA device, and its program there.
type deviceMachine struct {
	m       *machine
	r       *resident
	version uint64 // of the weights of the host, for the next run

	slab     *cuda.Buffer
	values   []cuda.Value // by slot
	commands *cuda.Commands
	program  *cuda.Program
	ends     []int // of the instructions in commands
	eager    bool  // never captured
	runs     uint64
	host     *cuda.Host            // where inputs, words and results wait
	inputs   []transfer            // of what is bound anew
	results  []transfer            // of what every run is asked for
	copies   map[int]*tensor.Dense // on the host, by slot
	copied   map[int]uint64        // in which run
}

// A transfer is between a slot and the memory of the host at an offset.
type transfer struct {
	slot, at, bytes int
}

// results are the slots that every run is asked for.
func (p *program) results() []int {
	out := []int{p.plan.index[p.y.n]}
	if p.loss != nil {
		out = append(out, p.plan.index[p.loss.n])
	}
	return out
}

// newDeviceMachine makes the memory of m; results are slots that are read after each run.
func newDeviceMachine(m *machine, r *resident, results ...int) (*deviceMachine, error) {
	d := &deviceMachine{m: m, r: r, copies: map[int]*tensor.Dense{}, copied: map[int]uint64{}}
	d.eager = os.Getenv("THINNET_CUDA_GRAPHS") == "0"
	plan := m.p.device
	err := r.dev.Do(func(s *cuda.Stream) (err error) {
		if err = r.place(); err != nil {
			return err
		}
		if d.slab, err = r.dev.Alloc(plan.bytes); err != nil {
			return m.p.tooLarge(err)
		}
		at := func(offset int) cuda.Pointer { return d.slab.Pointer + cuda.Pointer(offset) }
		d.commands = cuda.NewCommands(at(plan.scratch), at(plan.words), at(plan.reports))
		if d.values, d.ends, err = m.p.record(d.commands, d.slab.Pointer, r.at); err != nil {
			return err
		}
		if d.program, err = r.dev.Program(d.commands); err != nil {
			return err
		}
		if d.host, err = r.dev.Pinned(d.layOut(results)); err != nil {
			return err
		}
		return d.constants(s)
	})
	if err != nil {
		d.free()
		return nil, err
	}
	return d, nil
}

// layOut gives what goes to and fro its place in the memory of the host: the words of a
// step, reports, inputs, results. It returns the bytes of all.
func (d *deviceMachine) layOut(results []int) (at int) {
	p := d.m.p
	at = aligned(p.device.wordBytes) + aligned(p.device.reportBytes)
	add := func(list *[]transfer, slot int) {
		*list = append(*list, transfer{slot, at, p.slots[slot].bytes()})
		at += aligned(p.slots[slot].bytes())
	}
	for id, s := range p.slots {
		if s.kind == inputSlot && p.device.weights[id] == nil && id != p.device.step {
			add(&d.inputs, id)
		}
	}
	for _, id := range results {
		add(&d.results, id)
	}
	return at
}

// constants uploads them, once.
func (d *deviceMachine) constants(s *cuda.Stream) error {
	for id, slot := range d.m.p.slots {
		if slot.kind != constSlot {
			continue
		}
		if err := s.Put(d.values[id].Pointer, bytesOf(d.m.vals[id])); err != nil {
			return err
		}
	}
	return nil
}

// run executes the plan. With a check, it is called after every instruction.
func (d *deviceMachine) run(check func(i *instr, y *tensor.Dense) error) error {
	d.runs++
	return d.r.dev.Do(func(s *cuda.Stream) error {
		if err := d.r.told(); err != nil {
			return err
		}
		err := d.begin(s)
		if err == nil {
			err = d.replay(s, check)
		}
		if err == nil {
			return d.end(s)
		}
		s.Sync() // the next run writes to what this one reads; its own error is no news
		return err
	})
}

// begin brings to the device what the run is of.
func (d *deviceMachine) begin(s *cuda.Stream) error {
	plan, vals := d.m.p.device, d.m.vals
	if err := d.r.dev.AllowTF32(d.r.m.tf32); err != nil {
		return err
	}
	if err := d.r.upload(s, d.version); err != nil {
		return err
	}
	for id, w := range plan.weights {
		if v := vals[id]; v != nil && v != w.Value {
			if err := d.r.override(s, w, v); err != nil {
				return err
			}
		}
	}
	// Beside what the device does just now, mostly the last update: it has read all of the
	// last run's, for whose results the host has waited.
	host := d.host.Bytes()
	d.commands.StepWords(uint64(d.m.step.Ints()[0]), cuda.View[uint32](d.host, 0, plan.wordBytes/4))
	if err := s.UploadAside(d.slab.Pointer+cuda.Pointer(plan.words), d.host, 0, plan.wordBytes); err != nil {
		return err
	}
	for _, t := range d.inputs {
		if vals[t.slot] == nil {
			return errors.Errorf("input %v has no value", d.m.p.slots[t.slot].node)
		}
		copy(host[t.at:], bytesOf(vals[t.slot]))
		if err := s.UploadAside(d.values[t.slot].Pointer, d.host, t.at, t.bytes); err != nil {
			return err
		}
	}
	return s.WaitAside()
}

// replay runs all commands: from the second run on as one graph, since many programs run
// once.
func (d *deviceMachine) replay(s *cuda.Stream, check func(i *instr, y *tensor.Dense) error) error {
	if check != nil {
		return d.each(s, check)
	}
	if d.runs > 1 && !d.eager { // the first call captures
		if err := d.program.Capture(s); err != nil {
			return err
		}
	}
	return d.program.Run(s)
}

// each runs the instructions one by one.
func (d *deviceMachine) each(s *cuda.Stream, check func(i *instr, y *tensor.Dense) error) error {
	for k := range d.m.p.instrs {
		i := &d.m.p.instrs[k]
		for c := d.first(k); c < d.ends[k]; c++ {
			if err := d.program.RunOne(s, c); err != nil {
				return i.at(err)
			}
		}
		y := d.room(i.out)
		if err := d.copy(s, y, i.out); err != nil {
			return err
		}
		if err := check(i, y); err != nil {
			return err
		}
	}
	return nil
}

// first is the first command of instruction k; those before the first one's begin a run.
func (d *deviceMachine) first(k int) int {
	if k == 0 {
		return 0
	}
	return d.ends[k-1]
}

// end waits for the run and brings back what it is asked for.
func (d *deviceMachine) end(s *cuda.Stream) error {
	plan := d.m.p.device
	if err := s.Download(d.host, aligned(plan.wordBytes), d.slab.Pointer+cuda.Pointer(plan.reports), plan.reportBytes); err != nil {
		return err
	}
	for _, t := range d.results {
		if err := s.Download(d.host, t.at, d.values[t.slot].Pointer, t.bytes); err != nil {
			return err
		}
	}
	if err := s.Sync(); err != nil {
		return err
	}
	host := d.host.Bytes()
	for _, t := range d.results {
		copy(bytesOf(d.room(t.slot)), host[t.at:])
	}
	if k, err := d.commands.Reported(cuda.View[uint64](d.host, aligned(plan.wordBytes), plan.reportBytes/8)); err != nil {
		return d.m.p.instrs[k].at(err)
	}
	return nil
}

// room returns the tensor of the host for a slot, which is about to have the value of this
// run.
func (d *deviceMachine) room(slot int) *tensor.Dense {
	if d.copies[slot] == nil {
		s := d.m.p.slots[slot]
		d.copies[slot] = newDense(s.dtype, s.shape)
	}
	d.copied[slot] = d.runs
	return d.copies[slot]
}

// copy brings the value of a slot to the host.
func (d *deviceMachine) copy(s *cuda.Stream, y *tensor.Dense, slot int) error {
	return s.Get(bytesOf(y), d.values[slot].Pointer)
}

// value returns the value of a slot on the host. If it can't be had it is NaN, and the
// next run says why.
func (d *deviceMachine) value(slot int) *tensor.Dense {
	if d.copied[slot] == d.runs && d.copies[slot] != nil {
		return d.copies[slot]
	}
	y := d.room(slot)
	if err := d.r.dev.Do(func(s *cuda.Stream) error { return d.copy(s, y, slot) }); err != nil {
		d.r.tellLater(err)
		for i := range Data[float32](y) {
			y.Float32s()[i] = float32(math.NaN())
		}
	}
	return y
}

func (d *deviceMachine) free() {
	d.program.Free()
	d.slab.Free()
	d.host.Free()
}
