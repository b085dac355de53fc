package winograd

import (
	"math"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// Forward computes y, of the shape (n, oh, ow, oc), from x, of the shape
// (n, h, w, c), with filters packed by [Conv.PackForward]. bias, of oc numbers,
// may be nil; relu makes negative results 0.
func (cv *Conv) Forward(y, x, packed, bias []float32, relu bool) {
	cv.forward.run(y, x, packed, bias, relu)
}

// Transposed computes x from y, with filters packed by [Conv.PackBackward]: the
// gradient of x from that of y, or a layer of its own. bias, of c numbers, may be
// nil; relu makes negative results 0.
func (cv *Conv) Transposed(x, y, packed, bias []float32, relu bool) {
	cv.backward.run(x, y, packed, bias, relu)
}

type forwardJob struct {
	*pass
	y, x, u, bias []float32
	low           float32
}

func (p *pass) run(y, x, u, bias []float32, relu bool) {
	low := float32(math.Inf(-1))
	if relu {
		low = 0
	}
	pool.Run(p.blocks*p.groups, p.grain, forwardJob{
		pass: p,
		y:    y[:p.n*p.oh*p.ow*p.oc],
		x:    x[:p.n*p.h*p.w*p.c],
		u:    u[:points*p.point],
		bias: bias,
		low:  low,
	})
}

func (j *forwardJob) Do(lo, hi int) {
	depth, width := round(j.c), round(min(j.group, j.oc))
	vStep, mStep := apart(j.block*depth), apart(j.block*width)
	space := jobSpaces.Borrow(points*(vStep+mStep) + width)
	defer space.GiveBack()
	v, rest := cut(space.Numbers, points*vStep)
	m, rest := cut(rest, points*mStep)
	bias, _ := cut(rest, width)
	for i := lo; i < hi; i++ {
		first, o := i/j.groups*j.block, i%j.groups*j.group
		n, group := min(j.block, j.tiles-first), min(j.group, j.oc-o)
		at := j.at(first)
		for t := range n {
			input(v[t*depth:], vStep, j.x, j.window(at), j.c, j.zero)
			at = j.next(at)
		}
		var soon ahead
		if j.groups == 1 {
			soon.part[0] = j.made(j.y, first, n)
			if i+1 < hi {
				soon.part[1] = j.seen(j.x, first+j.block, min(j.block, j.tiles-first-j.block))
			}
		}
		j.multiply(m, mStep, width, v, vStep, depth, n, o, group, &soon)
		clear(bias)
		if j.bias != nil {
			copy(bias, j.bias[o:o+group])
		}
		at = j.at(first)
		for t := range n {
			output(j.y, j.outWindow(at).channels(o), m[t*width:], mStep, bias, j.low, group, j.k)
			at = j.next(at)
		}
	}
}

// multiply computes, at each point, the (n, group) product of the inputs v and
// the filters from channel o on.
func (j *forwardJob) multiply(m []float32, mStep, width int, v []float32, vStep, depth, n, o, group int, soon *ahead) {
	rows, cols := tile.Split(n), tile.Cols()
	a := tile.Args{Outer: 1, Depth: j.c, AStep: 4 * depth, BStep: 4 * j.panel, CStep: 4 * width, InPlace: true}
	soon.plan(points * up(group, cols) * rows.Len())
	for point := range points {
		for k := 0; k < group; k += cols {
			a.Cols = min(cols, group-k)
			c := o + k
			a.B = unsafe.Pointer(&j.u[point*j.point+c/j.panel*j.panel*j.c+c%j.panel])
			for i := range rows.Len() {
				var row int
				row, a.Rows = rows.At(i)
				a.A = unsafe.Pointer(&v[point*vStep+row*depth])
				a.C = unsafe.Pointer(&m[point*mStep+row*width+k])
				tile.Mul(&a)
				soon.ask()
			}
		}
	}
}
