package convlast

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// A pass is a convolution as the lines of a result, of which each point is a sum
// over taps and channels of a source: y of x, or dx of dy.
type pass struct {
	samples, groups      int
	cin, cout            int // channels of a group in the source and in the result
	from, to             [3]int
	runs                 [3][]run
	order                [3][]int // which tap is packed at each place
	weights              layout   // of w
	fromSample, toSample int      // numbers of a sample

	lines  []line
	piece  int // most points of a line: a few tiles, so that lines can be shared out
	bands  []int
	panels panels
	splits int // into how many parts the panels are shared out
}

func forwardPass(g kernel.Conv) *pass {
	g = flatten(g)
	p := &pass{
		samples: g.N, groups: g.Groups, cin: g.C / g.Groups, cout: g.OC / g.Groups,
		from: g.In, to: g.Out,
	}
	for a := range 3 {
		p.runs[a] = forwardRuns(g.In[a], g.Kernel[a], g.Out[a], g.Stride[a], g.Pad[a], g.Dilation[a])
		p.order[a] = identity(g.Kernel[a])
	}
	taps := volume(g.Kernel)
	p.weights = layout{kernel: g.Kernel, in: taps, out: p.cin * taps, group: p.cout * p.cin * taps}
	p.plan()
	return p
}

func backwardPass(g kernel.Conv) *pass {
	g = flatten(g)
	p := &pass{
		samples: g.N, groups: g.Groups, cin: g.OC / g.Groups, cout: g.C / g.Groups,
		from: g.Out, to: g.In,
	}
	for a := range 3 {
		p.runs[a], p.order[a] = backwardRuns(g.In[a], g.Kernel[a], g.Out[a], g.Stride[a], g.Pad[a], g.Dilation[a])
	}
	taps := volume(g.Kernel)
	p.weights = layout{kernel: g.Kernel, in: p.cout * taps, out: taps, group: p.cout * p.cin * taps}
	p.plan()
	return p
}

// flatten makes one line of all points where the convolution is a matrix product
// at each.
func flatten(g kernel.Conv) kernel.Conv {
	ones := [3]int{1, 1, 1}
	if g.Kernel == ones && g.Stride == ones && g.Pad == [3]int{} && g.In == g.Out {
		g.In = [3]int{1, 1, g.N * volume(g.In)}
		g.Out = g.In
		g.N = 1
	}
	return g
}

// plan chooses the lines, and how they are shared out.
func (p *pass) plan() {
	p.panels = newPanels(p)
	p.piece = max(8*tile.Rows(), ceil(volume(p.to), 1024))
	p.makeLines()
	p.share()
}

// size returns how many numbers the packed weights have.
func (p *pass) size() int { return p.panels.size() }

// run computes the result. The bias may be nil.
func (p *pass) run(to, from, packed, bias []float32, relu bool) {
	if p.samples*p.toSample == 0 {
		return
	}
	j := passJob{
		pass: p, to: unsafe.Pointer(&to[0]),
		packed: unsafe.Pointer(unsafe.SliceData(packed)), from: unsafe.Pointer(unsafe.SliceData(from)),
		bias: unsafe.Pointer(unsafe.SliceData(bias)), relu: relu,
	}
	pool.Run(p.splits*p.samples*(len(p.bands)-1), 1, j)
}

// Rows of a multiple of setStride bytes fall into one set of a level-1 cache, which
// has eight places or more: a tile takes fewer rows then.
const (
	setStride = 4096
	setRows   = 6
)

type passJob struct {
	*pass
	to, from, packed, bias unsafe.Pointer
	relu                   bool
}

// Do computes bands of lines: a unit is one band of one sample, for some panels
// of the weights.
func (j *passJob) Do(lo, hi int) {
	bands := len(j.bands) - 1
	for u := lo; u < hi; u++ {
		band, sample, split := u%bands, u/bands%j.samples, u/bands/j.samples
		lines := j.lines[j.bands[band]:j.bands[band+1]]
		for i := j.panels.count() * split / j.splits; i < j.panels.count()*(split+1)/j.splits; i++ {
			j.panel(lines, sample, i)
		}
	}
}

// panel computes the lines of a sample for one panel of the weights.
func (j *passJob) panel(lines []line, sample, i int) {
	group, first, width := j.panels.at(i)
	channel := group*j.cout + first
	packed := unsafe.Add(j.packed, 4*j.panels.offset(group, first))
	bstep := tile.ColStep(width)
	to := unsafe.Add(j.to, 4*(sample*j.toSample+channel))
	from := j.from
	if j.fromSample > 0 { // else no pointer into it is valid, and none is used
		from = unsafe.Add(from, 4*(sample*j.fromSample+group*j.cin))
	}
	a := tile.Args{BStep: bstep, Cols: width, InPlace: true}
	for k := range lines {
		l := &lines[k]
		b := l.box
		a.Outer, a.Depth = b.outer, b.depth
		a.AStep, a.ADelta = 4*l.fromStep, 4*(b.fromOuter-b.depth)
		a.BDelta = (b.rowsOuter - b.depth) * bstep
		a.CStep = 4 * l.toStep
		height := tile.Rows()
		if a.AStep%setStride == 0 {
			height = min(height, setRows)
		}
		parts := ceil(l.n, height)
		for t := range parts {
			row := l.n * t / parts
			a.Rows = l.n*(t+1)/parts - row
			a.C = unsafe.Add(to, 4*(l.to+row*l.toStep))
			start := unsafe.Add(from, 4*(l.from+row*l.fromStep))
			a.Bias = nil
			if j.bias != nil {
				a.Bias = unsafe.Add(j.bias, 4*channel)
			}
			for c, call := range b.calls {
				a.A = unsafe.Add(start, 4*call.from)
				a.B = unsafe.Add(packed, call.row*bstep)
				a.Accumulate = c > 0
				a.ReLU = j.relu && c == len(b.calls)-1
				tile.Mul(&a)
				a.Bias = nil
			}
		}
	}
}
