package nodes

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
)

// A contraction is what a convolution, or a gradient of one, computes on a device:
//
//	to[row, column] = Σ over terms of left[row, term] · x[column, term]
//
// for each group. It is that of internal/cuda/kernels/contraction.h.
type contraction struct {
	groups, rows, columns, terms  int
	toGroup, leftGroup, xGroup    int
	in                            extents
	column                        extents
	columnX                       int
	scale, shift                  extents
	columnTo                      int
	to                            extents
	term                          extents
	termX                         int
	apart                         extents
	termLeft                      int
	left                          extents
	toRow, leftRow, splits, share int
}

func (t *contraction) args() []any {
	var all []any
	add := func(n ...int) {
		for _, v := range n {
			all = append(all, v)
		}
	}
	axes := func(e extents) { add(e[:]...) }
	add(t.groups, t.rows, t.columns, t.terms, t.toGroup, t.leftGroup, t.xGroup)
	axes(t.in)
	axes(t.column)
	add(t.columnX)
	axes(t.scale)
	axes(t.shift)
	add(t.columnTo)
	axes(t.to)
	axes(t.term)
	add(t.termX)
	axes(t.apart)
	add(t.termLeft)
	axes(t.left)
	add(t.toRow, t.leftRow, t.splits, t.share)
	return all
}

// fewRows are too few for a tile.
const fewRows = 8

// enoughBlocks are two for each processor of a large device.
const enoughBlocks = 264

// launch launches the kernel of that name for as many rows as there are. Where the result
// is all of y its terms can be shared among blocks.
func (t *contraction) launch(c *cuda.Commands, kernel string, y, left, x cuda.Value, bias []cuda.Value, relu, whole bool) {
	t.launchAt(c, kernel, y, y.Pointer, left.Pointer, x, bias, relu, whole)
}

func (t *contraction) launchAt(c *cuda.Commands, kernel string, y cuda.Value, to, left cuda.Pointer, x cuda.Value, bias []cuda.Value, relu, whole bool) {
	if n := max(y.Len(), x.Len()); n > math.MaxInt32 {
		c.Fail(errors.Errorf("a convolution of a tensor of %d elements, want less than 2³¹ on a CUDA device", n))
		return
	}
	weights := kernel == "conv_weights"
	suffix, rows, columns, slice := "_32", 32, 128, 16
	blocks := func() int { return t.groups * ceil(t.rows, rows) * ceil(t.columns, columns) }
	switch {
	case t.rows < fewRows:
		suffix, rows, columns, slice = "_direct", 1, 1, cuda.Block
	case t.rows > 32:
		suffix, rows = "_64", 64
		if small := blocks(); t.rows > 64 && small >= 2*enoughBlocks {
			suffix, rows, slice = "_128", 128, 8
		}
	}
	kernel += suffix
	direct := rows == 1
	t.splits, t.share = 1, max(1, t.terms)
	if whole && (weights || !direct) {
		t.splits = max(1, min(enoughBlocks/max(1, blocks()), t.terms/(8*slice)))
		t.share = ceil(ceil(t.terms, t.splits), slice) * slice
		t.splits = max(1, ceil(t.terms, t.share))
		t.share = max(t.share, 1)
	}
	n := y.Len()
	parts, b, biased := to, to, false
	if t.splits > 1 {
		parts = c.Scratch(n * t.splits)
	} else if len(bias) > 0 {
		b, biased = bias[0].Pointer, true
	}
	args := append([]any{parts, left, x, b, biased, relu && t.splits == 1, int64(n)}, t.args()...)
	if direct && !weights {
		c.Each(kernel, t.groups*t.rows*t.columns, args...)
	} else {
		c.Blocks(kernel, blocks()*t.splits, cuda.Block, args...)
	}
	if t.splits > 1 {
		c.Each("conv_join", n, to, parts, n, t.splits)
		launchBias(c, y, bias, channels(y.Shape), relu)
	}
}

func ceil(n, of int) int { return (n + of - 1) / of }

// rowsOf returns the elements from one position to the next along the axes of a box.
func rowsOf(box extents) extents { return extents{box[1] * box[2], box[2], 1} }
