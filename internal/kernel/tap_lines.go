package kernel

// A tapLine is the part of one output line where one tap sees the input:
// outputs [lo, hi), and the inputs from x on, a stride apart.
type tapLine struct {
	stretch
	tap int
}

// tapLines lists the lines of one map, tap by tap. A line that came up again at
// once, a place further on, would make the processor wait for its own stores.
// The list lives in s.
func tapLines[T Float](g *Conv, s *scratch[T]) []tapLine {
	s.lines = s.lines[:0]
	s.segments = g.segments(s.segments[:0], 0, boxSize(g.Out))
	g.eachTap(func(tap int, k [3]int) {
		for i := range s.segments {
			if in := g.seen(&s.segments[i], k); in.lo < in.hi {
				s.lines = append(s.lines, tapLine{in, tap})
			}
		}
	})
	return s.lines
}
