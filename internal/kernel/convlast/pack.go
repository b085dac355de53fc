package convlast

import (
	"fmt"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// A layout says how far apart the weights of w lie, as a pass sees them: from one
// channel of its source or its result to the next, and from group to group. Those
// of the taps lie side by side.
type layout struct {
	kernel         [3]int
	in, out, group int
}

// packBlock is the number of source channels that one unit packs.
const packBlock = 16

func (p *pass) layout() string {
	return fmt.Sprintf("%d groups of %d to %d, %+v in order %v", p.groups, p.cin, p.cout, p.weights, p.order)
}

func (p *pass) pack(packed, w []float32) {
	if p.size() == 0 || len(w) == 0 {
		return
	}
	j := packJob{pass: p, packed: unsafe.Pointer(&packed[0]), w: unsafe.Pointer(&w[0])}
	taps := volume(p.weights.kernel)
	pool.Run(p.panels.count()*ceil(p.cin, packBlock), ceil(1<<13, packBlock*p.panels.wide*taps), j)
}

type packJob struct {
	*pass
	packed, w unsafe.Pointer
}

// Do packs weights: a unit is a block of source channels of one panel.
func (j *packJob) Do(lo, hi int) {
	blocks := ceil(j.cin, packBlock)
	for u := lo; u < hi; u++ {
		group, first, width := j.panels.at(u / blocks)
		c0 := u % blocks * packBlock
		c1 := min(c0+packBlock, j.cin)
		step := tile.ColStep(width) / 4
		to := unsafe.Add(j.packed, 4*j.panels.offset(group, first))
		from := unsafe.Add(j.w, 4*(group*j.weights.group+first*j.weights.out))
		if volume(j.weights.kernel) == 1 { // a matrix, or its transpose
			trans, stride := j.weights.in == 1, max(j.weights.in, j.weights.out)
			tile.PackCols(unsafe.Add(to, 4*c0*step), unsafe.Add(from, 4*c0*j.weights.in), 4*stride, width, c1-c0, trans)
			continue
		}
		for l := 0; l < width; l += tile.Lanes() {
			n := min(tile.Lanes(), width-l)
			j.channels(unsafe.Add(to, 4*l), step, unsafe.Add(from, 4*l*j.weights.out), n, c0, c1)
		}
	}
}

// channels packs the weights of n channels of the result, a vector of them, and
// of the channels [c0, c1) of the source. Rows lie step numbers apart.
func (j *packJob) channels(to unsafe.Pointer, step int, from unsafe.Pointer, n, c0, c1 int) {
	k := j.weights.kernel
	row := 0
	for _, kd := range j.order[0] {
		for _, kh := range j.order[1] {
			at := (kd*k[1] + kh) * k[2]
			w := j.order[2]
			for len(w) > 0 {
				// Taps that lie side by side in falling or in rising order.
				run := 1
				move := 1
				if len(w) > 1 && w[1] < w[0] {
					move = -1
				}
				for run < len(w) && w[run] == w[run-1]+move {
					run++
				}
				lowest, down := w[0], j.cin*step
				place := row
				if move < 0 {
					lowest, down, place = w[run-1], -down, row+run-1
				}
				for c := c0; c < c1; c++ {
					tile.Transpose(unsafe.Add(to, 4*(place*j.cin+c)*step), 4*down,
						unsafe.Add(from, 4*(c*j.weights.in+at+lowest)), 4*j.weights.out, n, run)
				}
				w = w[run:]
				row += run
			}
		}
	}
}
