package convlast

import "github.com/thinnet/thinnet/internal/kernel/tile"

// A strip is some rows of the matrix dw of a group, (channels, taps) by outputs:
// as many as a tile has, from row on and rowStep apart. Its parts add up.
type strip struct {
	row, rowStep, rows int
	parts              []part
}

// A part is the products over the points of a box, which some rows of a strip see.
type part struct {
	skip, rows int // of the strip
	from, to   int // of the first point, in x and in dy
	points     [3]loop
}

// makeStrips lists the strips. One is of some channels, which lie side by side in
// x; or of some taps along the inner axis, where these do: with a single channel.
func (p *weights) makeStrips() {
	g := &p.g
	for d := range g.Kernel[0] {
		for h := range g.Kernel[1] {
			k := [3]int{d, h, 0}
			if g.C == 1 && g.Dilation[2] == 1 {
				p.addTaps(k)
				continue
			}
			for k[2] = range g.Kernel[2] {
				p.addChannels(k)
			}
		}
	}
}

// addChannels adds the strips of a tap.
func (p *weights) addChannels(k [3]int) {
	lo, hi := seen(&p.g, 2, k[2])
	all := p.part(k, lo, hi-lo)
	c := 0
	for _, n := range even(p.cin, tile.Rows()) {
		s := strip{row: c*p.taps + p.tap(k), rowStep: p.taps, rows: n}
		if all.rows > 0 {
			next := all
			next.rows = n
			next.from += c
			s.parts = []part{next}
		}
		p.strips = append(p.strips, s)
		c += n
	}
}

// addTaps adds the strips of all taps along the inner axis from k on. Outputs at a
// border see fewer of them.
func (p *weights) addTaps(k [3]int) {
	g := &p.g
	runs := forwardRuns(g.In[2], g.Kernel[2], g.Out[2], g.Stride[2], g.Pad[2], 1)
	for _, n := range even(g.Kernel[2], tile.Rows()) {
		s := strip{row: p.tap(k), rowStep: 1, rows: n}
		for _, r := range runs {
			lo, hi := max(k[2], r.tap), min(k[2]+n, r.tap+r.taps)
			if lo >= hi {
				continue
			}
			next := p.part([3]int{k[0], k[1], lo}, r.to, r.n)
			if next.rows > 0 {
				next.skip, next.rows = lo-k[2], hi-lo
				s.parts = append(s.parts, next)
			}
		}
		p.strips = append(p.strips, s)
		k[2] += n
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
