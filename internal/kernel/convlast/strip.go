package convlast

import "github.com/thinnet/thinnet/internal/kernel/tile"

// A strip is some rows of the matrix dw of a group, (taps, channels) by outputs: as
// many as a tile has. Its parts add up.
type strip struct {
	row, rows int
	parts     []part
}

// A part is the products over the points of a box, which some rows of a strip see.
type part struct {
	skip, rows int // of the strip
	from, to   int // of the first point, in x and in dy
	points     [3]loop
}

// makeStrips lists the strips. One is of channels of a tap, or where these are too
// few for a tile, and lie in memory before those of the next tap, of several taps.
func (p *weights) makeStrips() {
	g := &p.g
	joined := p.cin < tile.Rows() && g.Groups == 1 && g.Dilation[2] == 1
	for d := range g.Kernel[0] {
		for h := range g.Kernel[1] {
			k := [3]int{d, h, 0}
			if joined {
				runs := forwardRuns(g.In[2], g.Kernel[2], g.Out[2], g.Stride[2], g.Pad[2], 1)
				p.addStrips(k, g.Kernel[2], runs)
				continue
			}
			for k[2] = range g.Kernel[2] {
				lo, hi := seen(g, 2, k[2])
				p.addStrips(k, 1, []run{{to: lo, n: hi - lo, tap: k[2], taps: 1}})
			}
		}
	}
}

// addStrips adds the strips of some taps along the inner axis, from k on. Each run
// is outputs that see the same of them.
func (p *weights) addStrips(k [3]int, taps int, runs []run) {
	first := 0
	for _, n := range even(taps*p.cin, tile.Rows()) {
		s := strip{row: p.tap(k)*p.cin + first, rows: n}
		for _, r := range runs {
			at := (r.tap - k[2]) * p.cin
			lo, hi := max(first, at), min(first+n, at+r.taps*p.cin)
			if lo >= hi {
				continue
			}
			next := p.part([3]int{k[0], k[1], r.tap}, r.to, r.n)
			if next.rows > 0 {
				next.skip, next.rows = lo-first, hi-lo
				next.from += lo - at
				s.parts = append(s.parts, next)
			}
		}
		p.strips = append(p.strips, s)
		first += n
	}
}

// tap returns the index of a tap.
func (p *weights) tap(k [3]int) int {
	return (k[0]*p.g.Kernel[1]+k[1])*p.g.Kernel[2] + k[2]
}

// part returns a part of one row for a tap and n outputs along the inner axis, or
// of none if these see nothing through it.
func (p *weights) part(k [3]int, first, n int) part {
	g := &p.g
	s := part{rows: 1}
	from, to := g.C, g.OC
	for a := 2; a >= 0; a-- {
		lo, hi := first, first+n
		if a < 2 {
			lo, hi = seen(g, a, k[a])
		}
		s.from += (lo*g.Stride[a] - g.Pad[a] + k[a]*g.Dilation[a]) * from
		s.to += lo * to
		s.points[a] = loop{hi - lo, g.Stride[a] * from, to}
		if hi <= lo {
			return part{}
		}
		from *= g.In[a]
		to *= g.Out[a]
	}
	return s
}

// arrange returns loops for the same points, the longest after the first ones:
// loops whose points lie evenly are one.
func arrange(loops [4]loop) [4]loop {
	var l [4]loop
	k := 0
	for _, next := range loops {
		switch {
		case next.n == 1:
		case k > 0 && next.from == l[k-1].n*l[k-1].from && next.row == l[k-1].n*l[k-1].row:
			l[k-1].n *= next.n
		default:
			l[k] = next
			k++
		}
	}
	for ; k < len(l); k++ {
		l[k] = loop{n: 1}
	}
	for i := 2; i < len(l); i++ {
		if l[i].n > l[1].n {
			l[1], l[i] = l[i], l[1]
		}
	}
	if l[0].n < 4 && l[1].n > l[0].n {
		l[0], l[1] = l[1], l[0]
	}
	return l
}
