package winograd

// ahead is what will be needed of images soon. The transforms read a little from
// many places at a time, which is too irregular for the processor to foresee; so
// the products, which need little of the memory, ask for it in passing.
type ahead struct {
	part [2][]float32
	some int // elements to ask for at a time
}

// plan spreads the asking over the given number of times.
func (f *ahead) plan(times int) {
	f.some = (up(len(f.part[0])+len(f.part[1]), times*lanes) + 1) * lanes
}

// ask asks for the next elements.
func (f *ahead) ask() {
	for i := range f.part {
		if n := min(f.some, len(f.part[i])); n > 0 {
			fetch(f.part[i][:n])
			f.part[i] = f.part[i][n:]
			return
		}
	}
}

// seen returns what n tiles see of the input, from the first pixel to the last;
// nothing if that has much between them that they do not see.
func (p *pass) seen(x []float32, first, n int) []float32 {
	if n < p.tilesW {
		return nil
	}
	from, to := p.window(p.at(first)), p.window(p.at(first+n-1))
	return x[max(0, from.offset):min(len(x), to.offset+5*to.row+6*to.pixel)]
}

// made returns what n tiles make of the output, like seen.
func (p *pass) made(y []float32, first, n int) []float32 {
	if n < p.tilesW {
		return nil
	}
	from, to := p.outWindow(p.at(first)), p.outWindow(p.at(first+n-1))
	return y[from.offset:min(len(y), to.offset+(p.side-1)*to.row+p.side*to.pixel)]
}
