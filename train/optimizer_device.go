package train

import (
	"math"
	"slices"
	"unsafe"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// deviceSlots are the slots of an optimiser whose parameters are in the memory of a CUDA
// device. All of them are updated by one launch, which reads a table of the parameters: the
// host writes it before each step, so that addresses of gradients and hyperparameters may
// change.
type deviceSlots struct {
	dev     *cuda.Device
	slots   []deviceSlot
	numbers func(o *settings, lr float64, steps int) numbers
	memory  *cuda.Buffer  // the table, what the launches need beside, and the moments
	host    *cuda.Host    // the table, then the norm
	program *cuda.Program // the launches
	table   []deviceRow   // in host
	clips   bool          // by the norm
	at      deviceLayout
	pending bool // the device may still read and write host
}

// A deviceSlot is the memory of one parameter.
type deviceSlot struct {
	shape   tensor.Shape
	own     grouped
	moments []cuda.Pointer
	steps   int
}

// A deviceRow is an entry of the table, Parameter of kernels/optimizers.cu.
type deviceRow struct {
	param, grad  cuda.Pointer
	moments      [3]cuda.Pointer
	n            int64
	limit, decay float32
	numbers      [len(numbers{})]float32
}

// A deviceChunk is one block's part of a parameter, Chunk of kernels/optimizers.cu.
type deviceChunk struct{ parameter, number int32 }

const (
	chunkElements = 2048 // kChunk there
	chunkThreads  = 256  // kThreads there
)

// deviceLayout is where things lie in memory, in bytes.
type deviceLayout struct{ chunks, sums, norm, scale, moments, end int }

func (o *Optimizer) newDeviceSlots(s *cuda.Stream, params []cuda.Parameter) (*deviceSlots, error) {
	d := &deviceSlots{dev: s.Device(), numbers: o.rule.numbers, clips: o.settings.clipNorm > 0}
	if err := o.suits(len(params)); err != nil {
		return nil, err
	}
	called := make([]string, len(params))
	for i, p := range params {
		called[i] = p.Name
	}
	own, err := o.ofGroups(called)
	if err != nil {
		return nil, err
	}
	seen := map[cuda.Pointer]int{}
	for i, p := range params {
		if first, twice := seen[p.Value.Pointer]; twice {
			return nil, errors.Errorf("%s: shares its memory with parameter %d, want each parameter once", label(i, p.Name), first)
		}
		seen[p.Value.Pointer] = i
		d.slots = append(d.slots, deviceSlot{shape: slices.Clone(p.Value.Shape), own: own[i]})
	}
	if err := d.check(params); err != nil {
		return nil, err
	}
	return d, d.place(o, s)
}

// place allocates the memory, fills it and records the launches.
func (d *deviceSlots) place(o *Optimizer, s *cuda.Stream) (err error) {
	chunks := d.layOut(len(o.rule.moments))
	if d.memory, err = d.dev.Alloc(d.at.end); err != nil {
		return errors.WithMessage(err, "the moments")
	}
	if d.host, err = d.dev.Pinned(d.at.chunks + 8); err != nil {
		return err
	}
	d.table = cuda.View[deviceRow](d.host, 0, len(d.slots))
	if err := s.Put(d.in(d.at.chunks), cuda.BytesOf(chunks)); err != nil {
		return err
	}
	if err := s.Fill(d.in(d.at.scale), math.Float32bits(1), 1); err != nil {
		return err
	}
	if err := d.fillMoments(o, s); err != nil {
		return err
	}
	c, table := cuda.NewCommands(0, 0, 0), d.in(0)
	if d.clips {
		c.Blocks("clip_squares", len(chunks), chunkThreads, table, d.in(d.at.chunks), d.in(d.at.sums))
		c.Blocks("clip_scale", 1, chunkThreads, d.in(d.at.sums), len(chunks), o.settings.clipNorm, d.in(d.at.norm), d.in(d.at.scale))
	}
	c.Blocks(o.rule.kernel, len(chunks), chunkThreads, table, d.in(d.at.chunks), d.in(d.at.scale))
	d.program, err = d.dev.Program(c)
	return err
}

// layOut settles where everything lies, and returns the chunks of all parameters.
func (d *deviceSlots) layOut(moments int) (chunks []deviceChunk) {
	bytes := 0
	for i, s := range d.slots {
		n := s.shape.TotalSize()
		for k := range (n + chunkElements - 1) / chunkElements {
			chunks = append(chunks, deviceChunk{int32(i), int32(k)})
		}
		bytes += cuda.Aligned(4 * n)
	}
	d.at.chunks = cuda.Aligned(len(d.slots) * int(unsafe.Sizeof(deviceRow{})))
	d.at.sums = d.at.chunks + cuda.Aligned(8*len(chunks))
	d.at.norm = d.at.sums + cuda.Aligned(8*len(chunks))
	d.at.scale = d.at.norm + 8
	d.at.moments = cuda.Aligned(d.at.scale + 4)
	d.at.end = d.at.moments + bytes*moments
	return chunks
}

func (d *deviceSlots) in(offset int) cuda.Pointer { return d.memory.Pointer + cuda.Pointer(offset) }

// fillMoments gives the moments their places, and the values of the restored state or those
// they begin with.
func (d *deviceSlots) fillMoments(o *Optimizer, s *cuda.Stream) error {
	at := d.in(d.at.moments)
	for i := range d.slots {
		slot := &d.slots[i]
		n := slot.shape.TotalSize()
		for range o.rule.moments {
			slot.moments = append(slot.moments, at)
			at += cuda.Pointer(cuda.Aligned(4 * n))
		}
		if len(o.restored) > 0 {
			if err := d.restore(s, slot, o.restoredOf(i)); err != nil {
				return errors.WithMessagef(err, "parameter %d: restored state", i)
			}
			continue
		}
		for j, m := range o.rule.moments {
			if err := s.Fill(slot.moments[j], math.Float32bits(float32(m.start)), n); err != nil {
				return err
			}
		}
	}
	return nil
}

// step writes the table and puts the launches in the stream.
func (d *deviceSlots) step(s *cuda.Stream, lr float64, params []cuda.Parameter) error {
	if d.pending {
		if err := s.Sync(); err != nil {
			return err
		}
		d.pending = false
	}
	for i := range d.slots {
		slot, p := &d.slots[i], &params[i]
		row := deviceRow{param: p.Value.Pointer, grad: p.Grad.Pointer, n: int64(slot.shape.TotalSize())}
		if row.grad != 0 {
			copy(row.moments[:], slot.moments)
			limit, decay := slot.own.settings.limitAndDecay()
			row.limit, row.decay = float32(limit), float32(decay)
			for j, k := range d.numbers(slot.own.settings, lr*slot.own.factor, slot.steps+1) {
				row.numbers[j] = float32(k)
			}
		}
		d.table[i] = row
	}
	d.pending = true
	if err := s.Upload(d.in(0), d.host, 0, len(d.slots)*int(unsafe.Sizeof(deviceRow{}))); err != nil {
		return err
	}
	if err := d.program.Run(s); err != nil {
		return err
	}
	for i := range d.slots {
		if d.table[i].grad != 0 {
			d.slots[i].steps++
		}
	}
	if !d.clips {
		return nil
	}
	return s.Download(d.host, d.at.chunks, d.in(d.at.norm), 8)
}
