package convlast

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/depthwise"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// depthwiseWeights computes dw along the lines of the forward pass. A unit of work
// is some channels of a chunk of the samples, whose sums are added in order.
type depthwiseWeights struct {
	of              *depthwisePass
	taps            int
	chunks, samples int
	splits          int
}

func newDepthwiseWeights(g kernel.Conv, of *depthwisePass) *depthwiseWeights {
	d := &depthwiseWeights{of: of, taps: volume(g.Kernel)}
	want := max(1, min(units, of.samples*of.work()*g.C/worth))
	d.chunks = max(1, min(of.samples, want))
	d.samples = ceil(max(1, of.samples), d.chunks)
	d.chunks = ceil(max(1, of.samples), d.samples)
	d.splits = max(ceil(g.C, channelBlock), min(ceil(want, d.chunks), ceil(g.C, 16)))
	return d
}

func (d *depthwiseWeights) run(dw, x, dy []float32) {
	s := passes.Borrow(d.chunks * d.size())
	pool.Run(d.chunks*d.splits, 1, depthwiseWeightsJob{
		depthwiseWeights: d, sums: s.Numbers,
		x: unsafe.Pointer(unsafe.SliceData(x)), dy: unsafe.Pointer(unsafe.SliceData(dy)),
	})
	sum := s.Numbers[:d.size()]
	for chunk := 1; chunk < d.chunks; chunk++ {
		vec.Add(sum, sum, s.Numbers[chunk*d.size():][:d.size()])
	}
	vec.Transpose(dw, sum, d.taps, d.of.channels, d.taps, d.of.channels)
	s.GiveBack()
}

func (d *depthwiseWeights) size() int { return d.of.channels * d.taps }

type depthwiseWeightsJob struct {
	*depthwiseWeights
	sums  []float32
	x, dy unsafe.Pointer
}

// Do handles some channels of a chunk of the samples.
func (j *depthwiseWeightsJob) Do(lo, hi int) {
	of, channels := j.of, j.of.channels
	// Whole vectors to each but the last.
	block := ceil(ceil(channels, j.splits), 16) * 16
	for u := lo; u < hi; u++ {
		chunk, c0 := u/j.splits, u%j.splits*block
		width := min(block, channels-c0)
		if width <= 0 {
			continue
		}
		sums := j.sums[chunk*j.size():][:j.size()]
		for t := range j.taps {
			clear(sums[t*channels+c0:][:width])
		}
		for n := chunk * j.samples; n < min((chunk+1)*j.samples, of.samples); n++ {
			for i := range of.lines {
				l := &of.lines[i]
				taps := of.taps[l.box]
				if len(taps) == 0 {
					continue
				}
				var a depthwise.Args
				a.X = unsafe.Add(j.x, 4*(n*of.fromSample+l.from+c0))
				a.W = unsafe.Pointer(&sums[c0])
				a.Y = unsafe.Add(j.dy, 4*(n*of.toSample+l.to+c0))
				a.Taps, a.Count = unsafe.Pointer(unsafe.SliceData(taps)), len(taps)
				a.Points, a.XStep, a.YStep, a.Channels = l.n, 4*l.fromStep, 4*l.toStep, width
				depthwise.Gradients(&a)
			}
		}
	}
}
