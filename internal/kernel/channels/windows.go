package channels

// Windows are those of a pooling over memory with the channels innermost: which
// positions of its input each position of the output sees, along up to three axes.
// They are prepared once and may be used by many calls at once.
type Windows struct {
	channels int
	in, out  [3]int
	lines    []line   // of outputs along the last axis, for each pair of the others
	spans    []points // along the last axis
	pairs    bool     // of 2 on the last axis, side by side
	squares  bool     // of 2 by 2 on the last two, side by side
	disjoint bool     // no two windows overlap, and none is left out by all
	block    *Windows // of one channel: the same for a block of maps
}

// A Window is what an output sees along one axis: N positions from First on, of
// which the average counts Count.
type Window struct{ First, N, Count int }

// A line is the outputs along the last axis for one position on the two others.
type line struct {
	x     int // the first input that the line sees, in positions
	n     [2]int
	count int
	taps  [][]int // of windows of each of the spans, in elements from the first on
}

// points are neighbours on the last axis with windows of one size, equally far
// apart, and none before the one before: with a dilation, where the padding ends, a
// window may begin before that of its neighbour.
type points struct {
	lo, hi   int
	x, step  int // the first input of the first, and how far apart they are
	n, count int
}

// NewWindows prepares windows of a number of channels. at gives the window of output
// p on an axis; the positions in a window are dilation apart.
func NewWindows(channels int, in, out, dilation [3]int, at func(axis, p int) Window) *Windows {
	w := &Windows{channels: channels, in: in, out: out}
	for d := range out[0] {
		for h := range out[1] {
			a, b := at(0, d), at(1, h)
			w.lines = append(w.lines, line{
				x: (a.First*in[1] + b.First) * in[2], n: [2]int{a.N, b.N}, count: a.Count * b.Count,
			})
		}
	}
	for p := range out[2] {
		w.extend(p, at(2, p))
	}
	lists := map[[3]int][]int{}
	for i := range w.lines {
		l := &w.lines[i]
		for _, s := range w.spans {
			n := [3]int{l.n[0], l.n[1], s.n}
			if lists[n] == nil {
				lists[n] = w.list(n, dilation)
			}
			l.taps = append(l.taps, lists[n])
		}
	}
	w.classify(dilation, at)
	if channels == 1 {
		w.block = NewWindows(blockOf(w.inSize()), in, out, dilation, at)
	}
	return w
}

// extend adds output p of the last axis.
func (w *Windows) extend(p int, at Window) {
	if k := len(w.spans) - 1; k >= 0 {
		s := &w.spans[k]
		if one := s.hi-s.lo == 1; at.N == s.n && at.Count == s.count && (one && at.First >= s.x || at.First == s.x+(p-s.lo)*s.step) {
			if one {
				s.step = at.First - s.x
			}
			s.hi++
			return
		}
	}
	w.spans = append(w.spans, points{lo: p, hi: p + 1, x: at.First, n: at.N, count: at.Count})
}

// list returns the taps of windows of a size.
func (w *Windows) list(n, dilation [3]int) []int {
	offs := []int{}
	for a := range n[0] {
		for b := range n[1] {
			for c := range n[2] {
				at := (a*dilation[0]*w.in[1]+b*dilation[1])*w.in[2] + c*dilation[2]
				offs = append(offs, at*w.channels)
			}
		}
	}
	return offs
}

// classify looks for the kinds of windows that need no sum over several of them.
func (w *Windows) classify(dilation [3]int, at func(axis, p int) Window) {
	w.pairs, w.squares = sideBySide(w.in, w.out, dilation, at)
	w.disjoint = true
	for axis, n := range w.out {
		next := 0
		for p := range n {
			k := at(axis, p)
			w.disjoint = w.disjoint && k.First == next && (k.N == 1 || dilation[axis] == 1)
			next = k.First + k.N
		}
		w.disjoint = w.disjoint && next == w.in[axis]
	}
}

// sideBySide reports whether windows, as [NewWindows] takes them, are of 2 on the
// last axis, or of 2 by 2 on the last two, side by side.
func sideBySide(in, out, dilation [3]int, at func(axis, p int) Window) (pairs, squares bool) {
	squares = in[0] == out[0] && dilation == [3]int{1, 1, 1}
	pairs = squares && in[1] == out[1]
	for axis, n := range out {
		for p := range n {
			k := at(axis, p)
			one, two := k.First == p && k.N == 1, k.First == 2*p && k.N == 2
			squares = squares && (axis == 0 && one || axis > 0 && two)
			pairs = pairs && (axis < 2 && one || axis == 2 && two)
		}
	}
	return pairs, squares
}

func (w *Windows) inSize() int  { return w.in[0] * w.in[1] * w.in[2] * w.channels }
func (w *Windows) outSize() int { return len(w.lines) * w.out[2] * w.channels }

// each calls f for the points of line l, as many as one call takes, with the
// offsets in x and y of the first.
func (w *Windows) each(l int, f func(x, y int, offs []int, points, step, count int)) {
	at := &w.lines[l]
	for i := range w.spans {
		s := &w.spans[i]
		offs := at.taps[i]
		most := max(1, callSize/(max(1, len(offs))*w.channels))
		for p := s.lo; p < s.hi; p += most {
			f((at.x+s.x+(p-s.lo)*s.step)*w.channels, (l*w.out[2]+p)*w.channels,
				offs, min(most, s.hi-p), s.step*w.channels, at.count*s.count)
		}
	}
}

// lineGrain is the number of lines that make up a chunk.
func (w *Windows) lineGrain() int {
	return max(1, callSize*len(w.lines)/max(1, w.inSize()+w.outSize()))
}

// imageGrain is the number of images that make up a chunk.
func (w *Windows) imageGrain() int { return max(1, callSize/max(1, w.inSize())) }
