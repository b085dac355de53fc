package winograd

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// ForwardSize returns how many elements the filters of [Conv.PackForward] take, with
// gaps that it does not write.
func (cv *Conv) ForwardSize() int { return points * cv.forward.point }

// BackwardSize is ForwardSize for [Conv.PackBackward].
func (cv *Conv) BackwardSize() int { return points * cv.backward.point }

// ForwardLayout names the order of the filters of [Conv.PackForward]: sizes of one name,
// at one level of instructions, have the same one.
func (cv *Conv) ForwardLayout() string { return cv.forward.layout(false) }

// BackwardLayout is ForwardLayout for [Conv.PackBackward].
func (cv *Conv) BackwardLayout() string { return cv.backward.layout(true) }

func (p *pass) layout(flipped bool) string {
	return fmt.Sprintf("Winograd, %d to %d of %d, flipped %v", p.c, p.oc, p.k, flipped)
}

// PackForward transforms filters, of the shape (oc, c, k, k), for [Conv.Forward].
func (cv *Conv) PackForward(packed, weight []float32) {
	p := cv.forward
	p.pack(packed, weight, p.taps*p.c, p.taps, false)
}

// PackBackward transforms filters, of the shape (oc, c, k, k), for
// [Conv.Transposed].
func (cv *Conv) PackBackward(packed, weight []float32) {
	p := cv.backward
	p.pack(packed, weight, p.taps, p.taps*p.oc, true)
}

// packDepth is how many filters behind each other are transformed in one go.
const packDepth = 16

// packJob transforms filters. At each point they lie in panels, of which row k
// holds what input channel k gives to the panel's output channels.
type packJob struct {
	*pass
	u, w             []float32
	rowStep, colStep int // between output and input channels in w
	flipped          bool
}

func (p *pass) pack(u, w []float32, rowStep, colStep int, flipped bool) {
	pool.Run(up(p.oc, lanes)*up(p.c, packDepth), 1, packJob{p, u[:points*p.point], w[:p.taps*p.c*p.oc], rowStep, colStep, flipped})
}

func (j *packJob) Do(lo, hi int) {
	blocks := up(j.c, packDepth)
	for i := lo; i < hi; i++ {
		o, k := i/blocks*lanes, i%blocks*packDepth
		n := min(packDepth, j.c-k)
		u := j.u[o/j.panel*j.panel*j.c+k*j.panel+o%j.panel:]
		w := j.w[o*j.rowStep+k*j.colStep:]
		if rows := j.oc - o; rows < lanes {
			var full [packDepth * lanes * maxTaps]float32
			for c := range n {
				for r := range rows {
					copy(full[(c*lanes+r)*j.taps:][:j.taps], w[c*j.colStep+r*j.rowStep:])
				}
			}
			filter(n, full[:], j.taps, j.taps*lanes, u, j.panel, j.point, j.k, j.flipped)
			continue
		}
		filter(n, w, j.rowStep, j.colStep, u, j.panel, j.point, j.k, j.flipped)
	}
}
