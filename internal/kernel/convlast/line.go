package convlast

// A box is the taps that some points see: the product of three runs. For each of
// calls there are outer times depth products, of numbers side by side in the
// source and of rows of the packed weights. Offsets are counted in numbers of the
// source, and in rows.
type box struct {
	depth, outer         int
	fromOuter, rowsOuter int
	calls                []call
}

type call struct{ from, row int }

// A line is points of the result, evenly spaced in memory as is what they see.
// Offsets are those of the first channel.
type line struct {
	to, toStep     int
	from, fromStep int
	n              int
	box            *box
}

// longest bounds the products of one call of a tile, which cannot be interrupted. Only
// the channels of one tap may be more.
const longest = 8192

// A loop moves from and row by a step, n times.
type loop struct{ n, from, row int }

// newBox returns the taps of three runs over channels of a source with the given
// steps from one coordinate to the next; kernel is the number of taps packed
// along each axis.
func newBox(r [3]run, kernel, step [3]int, channels int) *box {
	if r[0].taps*r[1].taps*r[2].taps*channels == 0 {
		return &box{calls: []call{{}}}
	}
	loops := make([]loop, 0, 4)
	loops = append(loops, loop{channels, 1, 1})
	rows, row := channels, 0
	for a := 2; a >= 0; a-- {
		next := loop{r[a].taps, r[a].tapStep * step[a], rows}
		row += r[a].tap * rows
		rows *= kernel[a]
		last := &loops[len(loops)-1]
		switch {
		case next.n == 1:
		case next.from == last.n*last.from && next.row == last.n*last.row && next.n*last.n <= longest:
			last.n *= next.n
		default:
			loops = append(loops, next)
		}
	}
	b := &box{depth: loops[0].n, outer: 1, calls: []call{{row: row}}}
	loops = loops[1:]
	if len(loops) > 0 && loops[0].n*b.depth <= longest {
		b.outer, b.fromOuter, b.rowsOuter = loops[0].n, loops[0].from, loops[0].row
		loops = loops[1:]
	}
	for _, l := range loops {
		calls := b.calls
		b.calls = nil
		for i := range l.n {
			for _, c := range calls {
				b.calls = append(b.calls, call{c.from + i*l.from, c.row + i*l.row})
			}
		}
	}
	return b
}

// makeLines lists the lines that make up one sample of the result.
func (p *pass) makeLines() {
	var kernel, fromStep, toStep [3]int
	from, to := p.cin*p.groups, p.cout*p.groups
	for a := 2; a >= 0; a-- {
		kernel[a] = len(p.order[a])
		fromStep[a], toStep[a] = from, to
		from *= p.from[a]
		to *= p.to[a]
	}
	p.fromSample, p.toSample = from, to
	for _, d := range p.runs[0] {
		for _, h := range p.runs[1] {
			for _, w := range p.runs[2] {
				r := [3]run{d, h, w}
				p.addLines(r, newBox(r, kernel, fromStep, p.cin), fromStep, toStep)
			}
		}
	}
}

// addLines adds the points of three runs, in lines along the axis that makes the
// tiles high enough.
func (p *pass) addLines(r [3]run, b *box, fromStep, toStep [3]int) {
	along := 2
	for a := 1; a >= 0; a-- {
		if min(r[a].n, enough) > min(r[along].n, enough) {
			along = a
		}
	}
	var count [3]int
	l := line{box: b}
	for a := range r {
		count[a] = r[a].n
		l.from += r[a].from * fromStep[a]
		l.to += r[a].to * toStep[a]
	}
	if b.depth == 0 { // they see nothing: no pointer may go astray
		l.from = 0
		for a := range r {
			r[a].fromStep = 0
		}
	}
	count[along] = 1
	l.n = r[along].n
	l.fromStep = r[along].fromStep * fromStep[along]
	l.toStep = r[along].toStep * toStep[along]
	for d := range count[0] {
		for h := range count[1] {
			for w := range count[2] {
				next := l
				for a, i := range [3]int{d, h, w} {
					next.from += i * r[a].fromStep * fromStep[a]
					next.to += i * r[a].toStep * toStep[a]
				}
				p.cutLine(next, p.piece)
			}
		}
	}
}

// enough is a height at which a tile is about as fast as the highest one.
const enough = 7

// cutLine adds a line in pieces.
func (p *pass) cutLine(l line, piece int) {
	for _, n := range even(l.n, piece) {
		part := l
		part.n = n
		p.lines = append(p.lines, part)
		l.from += n * l.fromStep
		l.to += n * l.toStep
	}
}

// even splits n into as few nearly equal parts of at most the given size as can
// be.
func even(n, most int) []int {
	parts := ceil(n, most)
	sizes := make([]int, parts)
	for i := range sizes {
		sizes[i] = n*(i+1)/parts - n*i/parts
	}
	return sizes
}
