package convlast

import "github.com/thinnet/thinnet/internal/kernel/tile"

// panels are the blocks of result channels, as wide as a tile, for which weights
// are packed: one row of a panel's width for each tap and source channel, taps
// outermost.
type panels struct {
	rows  int // of a panel
	wide  int // width of all panels of a group but the last
	each  int // panels of a group
	last  int // width of the last one
	group int // packed numbers of a group
	total int // groups
}

func newPanels(p *pass) panels {
	s := panels{rows: p.cin * len(p.order[0]) * len(p.order[1]) * len(p.order[2]), wide: tile.Cols()}
	s.each = ceil(p.cout, s.wide)
	s.last = p.cout - (s.each-1)*s.wide
	s.group = s.rows * ((s.each-1)*s.wide + tile.ColStep(s.last)/4)
	s.total = p.groups
	return s
}

// size returns how many numbers the packed weights have.
func (s *panels) size() int { return s.total * s.group }

// count returns the number of panels of all groups.
func (s *panels) count() int { return s.total * s.each }

// at returns a panel's group, its first channel in there, and its width.
func (s *panels) at(i int) (group, first, width int) {
	group, first = i/s.each, i%s.each*s.wide
	width = s.wide
	if i%s.each == s.each-1 {
		width = s.last
	}
	return group, first, width
}

// offset returns where in the packed weights a panel starts.
func (s *panels) offset(group, first int) int { return group*s.group + first*s.rows }
