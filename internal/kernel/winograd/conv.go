package winograd

import "github.com/thinnet/thinnet/internal/kernel/tile"

// A Conv computes one convolution of given sizes. It holds no data of a call: any
// number of goroutines may use it.
type Conv struct {
	forward, backward *pass // backward is for the input's gradient
	weights           *weightsPass
}

// New plans the convolution of n images of (h, w) pixels with c channels to oc
// channels, with padH and padW zeros on each side, 0 to 2. The instructions in
// use now are those that it will use.
func New(n, h, w, c, oc, padH, padW int) *Conv {
	oh, ow := h+2*padH-2, w+2*padW-2
	// A pixel of y sees the pixels of x around it, and the other way round: the
	// input's gradient is the convolution of dy with the filters rotated.
	f := newPass(n, h, w, c, oh, ow, oc, padH, padW)
	return &Conv{
		forward:  f,
		backward: newPass(n, oh, ow, oc, h, w, c, 2-padH, 2-padW),
		weights:  newWeightsPass(f),
	}
}

// Fits says whether [Conv] is faster than multiplying the filters directly, for
// the sizes of [New] and filters that are packed for every call. It is a rule of
// thumb, taken from measurements of both on processors with AVX-512 and AVX2.
func Fits(n, h, w, c, oc, padH, padW int) bool {
	oh, ow := h+2*padH-2, w+2*padW-2
	if min(padH, padW) < 0 || max(padH, padW) > 2 || min(n, oh, ow) < 1 || min(c, oc) < minChannels {
		return false
	}
	// What windows compute outside of the image is lost.
	perImage := tilesIn(oh) * tilesIn(ow)
	if 9*oh*ow*2 < points*perImage*3 {
		return false
	}
	// The transformed filters have four times the size of the filters; to make
	// and to read them, and to start, takes as long as some tiles do.
	tiles := n * perImage
	return tiles >= max(4, c*oc/4096, 8192/(c*oc))
}

const minChannels = 16

// A pass is the work of a forward pass, or of the one for the input's gradient.
type pass struct {
	n, h, w, c, oh, ow, oc, padH, padW int

	tilesH, tilesW, tiles int // of an image; of all

	// One job makes the output of block tiles, in group channels.
	block, group, blocks, groups int
	grain                        int // jobs done in a row by one worker

	panel int       // channels in a panel of transformed filters
	point int       // elements of all panels at one point
	zero  []float32 // what lies outside of an image
}

func newPass(n, h, w, c, oh, ow, oc, padH, padW int) *pass {
	p := &pass{n: n, h: h, w: w, c: c, oh: oh, ow: ow, oc: oc, padH: padH, padW: padW}
	p.tilesH, p.tilesW = tilesIn(oh), tilesIn(ow)
	p.tiles = n * p.tilesH * p.tilesW
	p.panel = max(lanes, tile.Cols())
	panels := up(oc, p.panel)
	p.point = apart(panels * p.panel * c)
	p.zero = make([]float32, 6*max(c, oc))

	most := min(max(mostElements/(c+oc), fewTiles), mostTiles)
	p.blocks = up(p.tiles, most)
	p.groups = 1
	if p.blocks < fewJobs {
		p.groups = min(panels, up(fewJobs, p.blocks))
	}
	p.group = up(panels, p.groups) * p.panel
	p.groups = up(oc, p.group)
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

func tilesIn(size int) int { return up(size, tileSide) }

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
	return spot{i, t / p.tilesW * tileSide, t % p.tilesW * tileSide}
}

// next returns the tile behind t.
func (p *pass) next(t spot) spot {
	if t.x += tileSide; t.x >= p.ow {
		t.x = 0
		if t.y += tileSide; t.y >= p.oh {
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
	return place(tileSide, t.i, t.y, t.x, p.oh, p.ow, p.oc)
}
