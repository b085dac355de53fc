package winograd

import "github.com/thinnet/thinnet/internal/kernel/tile"

// A Conv computes one convolution of given sizes. It holds no data of a call: any
// number of goroutines may use it.
type Conv struct {
	forward, backward *pass // backward is for the input's gradient
	weights           *weightsPass
}

// A Size is that of a convolution: of n images of (h, w) pixels with c channels
// to images with oc channels.
type Size struct {
	N, H, W, C, OC int
	Kernel         int // side of the filters, 3 or 5
	PadH, PadW     int // zeros on each side, 0 to Kernel-1
}

func (s Size) out() (oh, ow int) {
	return s.H + 2*s.PadH - s.Kernel + 1, s.W + 2*s.PadW - s.Kernel + 1
}

// turned is the size of the convolution that gives the input's gradient: a pixel
// of y sees the pixels of x around it, and the other way round, so that is the
// convolution of dy with the filters rotated.
func (s Size) turned() Size {
	oh, ow := s.out()
	return Size{s.N, oh, ow, s.OC, s.C, s.Kernel, s.Kernel - 1 - s.PadH, s.Kernel - 1 - s.PadW}
}

// New plans a convolution. The instructions in use now are those that it will
// use.
func New(s Size) *Conv {
	f := newPass(s)
	return &Conv{forward: f, backward: newPass(s.turned()), weights: newWeightsPass(f)}
}

// A pass is the work of a forward pass, or of the one for the input's gradient.
type pass struct {
	n, h, w, c, oh, ow, oc, padH, padW int

	k, taps, side int // side and size of a filter; side of the output of a tile

	tilesH, tilesW, tiles int // of an image; of all

	// One job makes the output of block tiles, in group channels.
	block, group, blocks, groups int
	grain                        int // jobs done in a row by one worker

	panel int       // channels in a panel of transformed filters
	point int       // elements of all panels at one point
	zero  []float32 // what lies outside of an image
}

func newPass(s Size) *pass {
	p := &pass{n: s.N, h: s.H, w: s.W, c: s.C, oc: s.OC, padH: s.PadH, padW: s.PadW}
	p.oh, p.ow = s.out()
	p.k, p.taps, p.side = s.Kernel, s.Kernel*s.Kernel, outSide(s.Kernel)
	p.tilesH, p.tilesW = up(p.oh, p.side), up(p.ow, p.side)
	p.tiles = p.n * p.tilesH * p.tilesW
	p.panel = max(lanes, tile.Cols())
	panels := up(p.oc, p.panel)
	p.point = apart(panels * p.panel * p.c)
	p.zero = make([]float32, 6*max(p.c, p.oc))

	most := min(max(mostElements/(p.c+p.oc), fewTiles), mostTiles)
	p.blocks = up(p.tiles, most)
	p.groups = 1
	if p.blocks < fewJobs {
		p.groups = min(panels, up(fewJobs, p.blocks))
	}
	p.group = up(panels, p.groups) * p.panel
	p.groups = up(p.oc, p.group)
	if p.blocks*p.groups < fewJobs {
		p.blocks = max(p.blocks, min(up(fewJobs, p.groups), up(p.tiles, fewTiles)))
	}
	p.grain = 1
	switch jobs := p.blocks * p.groups; {
	case jobs >= 2*manyJobs: // and so p.groups is 1
		p.grain = up(jobs, manyJobs)
		p.blocks = p.grain * manyJobs
	case p.blocks > 1:
		p.blocks += jobs % 2
	}
	p.block = up(p.tiles, p.blocks)
	p.blocks = up(p.tiles, p.block)
	return p
}

// Bounds on the tiles of one job. What is between the transforms, 36 times
// mostElements numbers, should not be far too much for the second level of the
// cache; with fewer than fewTiles the filters are read too often. There should be
// some jobs for every core, in numbers that cores can share.
const (
	mostElements = 7168
	mostTiles    = 56
	fewTiles     = 14
	fewJobs      = 8
	manyJobs     = 16
)

// up returns a/b, rounded up.
func up(a, b int) int { return (a + b - 1) / b }

// round returns c rounded up to whole vectors.
func round(c int) int { return up(c, lanes) * lanes }

// apart returns an odd number of cache lines that holds n elements: steps between
// the points that are a power of two would let all points of a tile fall into one
// set of the cache.
func apart(n int) int { return (up(n, lanes) | 1) * lanes }

// A spot is a tile: its image and the place of its first output pixel.
type spot struct{ i, y, x int }

// at returns tile t.
func (p *pass) at(t int) spot {
	perImage := p.tilesH * p.tilesW
	i, t := t/perImage, t%perImage
	return spot{i, t / p.tilesW * p.side, t % p.tilesW * p.side}
}

// next returns the tile behind t.
func (p *pass) next(t spot) spot {
	if t.x += p.side; t.x >= p.ow {
		t.x = 0
		if t.y += p.side; t.y >= p.oh {
			t.y = 0
			t.i++
		}
	}
	return t
}

// window returns what a tile sees of the input.
func (p *pass) window(t spot) window {
	return place(6, t.i, t.y-p.padH, t.x-p.padW, p.h, p.w, p.c)
}

// outWindow returns where the output of a tile lies.
func (p *pass) outWindow(t spot) window {
	return place(p.side, t.i, t.y, t.x, p.oh, p.ow, p.oc)
}
