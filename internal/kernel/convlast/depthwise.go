package convlast

import (
	"fmt"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/depthwise"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Where each channel is a convolution of its own there is no matrix product: a
// vector is some channels of one point, and goes through the taps of its line.
// Weights are packed as (Kernel..., C) for both passes.

func (c *Conv) useDepthwise(g kernel.Conv) {
	forward := newDepthwisePass(g, forwardPass(g))
	c.forward, c.backward, c.weights = forward, newDepthwisePass(g, backwardPass(g)), newDepthwiseWeights(g, forward)
}

type depthwisePass struct {
	*pass
	channels int
	taps     map[*box][]depthwise.Tap
}

const (
	// channelBlock bounds the channels of a unit of work.
	channelBlock = 256
	// longestSums bounds the products of a call, which cannot be interrupted: some
	// 30 µs.
	longestSums = 1 << 20
)

// cutLong cuts the lines that are too long for one call.
func (d *depthwisePass) cutLong() {
	lines := d.lines
	d.lines = nil
	for _, l := range lines {
		d.cutLine(l, max(1, longestSums/max(1, min(d.channels, channelBlock)*len(d.taps[l.box]))))
	}
}

func newDepthwisePass(g kernel.Conv, p *pass) *depthwisePass {
	d := &depthwisePass{pass: p, channels: g.C, taps: map[*box][]depthwise.Tap{}}
	for i := range p.lines {
		b := p.lines[i].box
		if _, done := d.taps[b]; !done {
			d.taps[b] = d.tapsOf(g, b)
		}
	}
	d.cutLong()
	p.splits = ceil(g.C, channelBlock)
	work := p.work()
	want := min(units, p.samples*work*g.C/worth)
	p.cut(max(1, min(len(p.lines), want/max(1, p.samples*p.splits))), work)
	return d
}

// tapsOf lists the taps of a box, a convolution of one channel.
func (d *depthwisePass) tapsOf(g kernel.Conv, b *box) (taps []depthwise.Tap) {
	if b.depth == 0 {
		return nil
	}
	o := d.order
	for _, call := range b.calls {
		for i := range b.outer {
			row := call.row + i*b.rowsOuter
			k := o[0][row/len(o[2])/len(o[1])]*g.Kernel[1] + o[1][row/len(o[2])%len(o[1])]
			k = k*g.Kernel[2] + o[2][row%len(o[2])]
			taps = append(taps, depthwise.Tap{X: 4 * (call.from + i*b.fromOuter), W: 4 * k * d.channels})
		}
	}
	return taps
}

func (d *depthwisePass) size() int { return d.channels * volume(d.weights.kernel) }

func (d *depthwisePass) layout() string {
	return fmt.Sprintf("depthwise, %d of %v", d.channels, d.weights.kernel)
}

func (d *depthwisePass) pack(packed, w []float32) {
	taps := volume(d.weights.kernel)
	vec.Transpose(packed, w, d.channels, taps, d.channels, taps)
}

func (d *depthwisePass) run(to, from, packed, bias []float32, relu bool) {
	if d.samples*d.toSample == 0 {
		return
	}
	j := depthwiseJob{
		depthwisePass: d, to: unsafe.Pointer(&to[0]),
		packed: unsafe.Pointer(unsafe.SliceData(packed)), from: unsafe.Pointer(unsafe.SliceData(from)),
		bias: unsafe.Pointer(unsafe.SliceData(bias)), relu: relu,
	}
	pool.Run(d.splits*d.samples*(len(d.bands)-1), 1, j)
}

type depthwiseJob struct {
	*depthwisePass
	to, from, packed, bias unsafe.Pointer
	relu                   bool
}

// Do computes bands of lines: a unit is one band of one sample, for some channels.
func (j *depthwiseJob) Do(lo, hi int) {
	bands := len(j.bands) - 1
	for u := lo; u < hi; u++ {
		band, sample, split := u%bands, u/bands%j.samples, u/bands/j.samples
		c0 := split * channelBlock
		for i := j.bands[band]; i < j.bands[band+1]; i++ {
			l := &j.lines[i]
			taps := j.taps[l.box]
			var a depthwise.Args
			if j.fromSample > 0 { // else no pointer into it is valid, and none is used
				a.X = unsafe.Add(j.from, 4*(sample*j.fromSample+l.from+c0))
			}
			a.W = unsafe.Add(j.packed, 4*c0)
			a.Y = unsafe.Add(j.to, 4*(sample*j.toSample+l.to+c0))
			a.Bias = nil
			if j.bias != nil {
				a.Bias = unsafe.Add(j.bias, 4*c0)
			}
			a.Taps, a.Count = unsafe.Pointer(unsafe.SliceData(taps)), len(taps)
			a.Points, a.XStep, a.YStep = l.n, 4*l.fromStep, 4*l.toStep
			a.Channels, a.ReLU = min(channelBlock, j.channels-c0), j.relu
			depthwise.Sums(&a)
		}
	}
}
