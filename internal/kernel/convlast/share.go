package convlast

const (
	// units is how many units of work there are, if these are large enough: a few
	// for each of many threads.
	units = 64
	// worth is the number of products that make a unit of work large enough: some
	// 10 µs with AVX-512, at 30 to 50 a nanosecond, and twice that with AVX2.
	worth = 1 << 19
	// cached is how many packed weights a unit may go through: half of a level-2
	// cache, as they are used again for each tile.
	cached = 1 << 17
)

// share splits the work into units: samples, bands of their lines, and parts of
// the panels. It depends on the geometry alone.
func (p *pass) share() {
	work := p.work()
	panel := p.panels.rows * p.panels.wide // packed weights of a panel
	channels := p.groups * p.cout
	p.splits = max(1, min(p.panels.count(), ceil(p.panels.size(), max(cached, panel))))
	want := min(units, p.samples*work*channels/worth) // at least so many units
	bands := max(1, min(len(p.lines), want/max(1, p.samples*p.splits)))
	if bands*p.splits*p.samples < want {
		p.splits = max(p.splits, min(p.panels.count(), ceil(want, max(1, bands*p.samples))))
	}
	p.cut(bands, work)
}

// cut divides the lines into bands of about equal work.
func (p *pass) cut(bands, work int) {
	p.bands = []int{0}
	done := 0
	for i := range p.lines {
		done += p.lines[i].cost()
		if done*bands >= work*len(p.bands) && len(p.bands) < bands && i+1 < len(p.lines) {
			p.bands = append(p.bands, i+1)
		}
	}
	p.bands = append(p.bands, len(p.lines))
}

// work returns the products of a sample for one channel of the result.
func (p *pass) work() int {
	work := 0
	for i := range p.lines {
		work += p.lines[i].cost()
	}
	return work
}

// cost returns the products of a line for one channel of the result.
func (l *line) cost() int { return l.n * (1 + l.box.outer*l.box.depth*len(l.box.calls)) }
