package nodes

import (
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
)

// manyBlocks keep the largest devices busy.
const manyBlocks = 1024

// split cuts count elements, or rows, of each of so many groups into shares of at least
// `least`, as far as that makes for more blocks that are wanted.
func split(groups, count, least int) (splits, share int) {
	splits = max(1, min(manyBlocks/max(1, groups), count/least))
	share = (count + splits - 1) / splits
	return (count + share - 1) / share, share
}

// A groupReduction is how blocks share the groups of a layout. Several results of one
// group are put together by a second kernel, in the order of the shares: so they are the
// same in every run.
type groupReduction struct {
	of      kernel.Layout
	columns bool // blocks take 32 neighbouring groups, else one
	splits  int
	share   int // elements of a group, or rows
}

func reductionOf(l kernel.Layout) groupReduction {
	r := groupReduction{of: oneWay(l)}
	if r.columns = r.of.Inner == 1 && r.of.Outer > 1; r.columns {
		r.splits, r.share = split(r.strips(), r.of.Outer, 64)
	} else {
		r.splits, r.share = split(r.of.Groups, r.of.Outer*r.of.Inner, 2048)
	}
	return r
}

// oneWay writes one group in one way.
func oneWay(l kernel.Layout) kernel.Layout {
	if l.Groups == 1 {
		return kernel.Layout{Outer: 1, Groups: 1, Inner: l.Outer * l.Inner}
	}
	return l
}

func (r groupReduction) strips() int { return (r.of.Groups + 31) / 32 }

// launch launches the kernel, or the one for columns beside it. The first parameters are the
// results and where their parts go, of so many elements; then come those given, the layout,
// the shares and the rest. It returns the parts, and whether they are yet to be joined.
func (r groupReduction) launch(c *cuda.Commands, kernel string, y cuda.Pointer, part int, given, rest []any) (parts cuda.Pointer, join bool) {
	parts, join = y, r.splits > 1
	if join {
		parts = c.Scratch(part * r.of.Groups * r.splits)
	}
	args := append([]any{y, parts}, given...)
	if r.columns {
		args = append(args, r.of.Outer, r.of.Groups, r.splits, r.share)
		c.Launch(kernel+"_columns", [3]int{r.strips() * r.splits, 1, 1}, [3]int{32, 8, 1}, append(args, rest...)...)
		return parts, join
	}
	args = append(args, r.of.Outer, r.of.Groups, r.of.Inner, r.splits, r.share)
	c.Blocks(kernel, r.of.Groups*r.splits, threadsFor(r.share), append(args, rest...)...)
	return parts, join
}

// threadsFor returns how many threads of a block share n elements, several for each.
func threadsFor(n int) int { return cuda.Threads(n, 8) }
