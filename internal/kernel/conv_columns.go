package kernel

// The convolutions are matrix products with the matrix of columns: row
// (channel, tap), column (sample, output position), element the input that this
// tap sees there. It is never held as a whole: a panel of some rows and some
// hundred columns is gathered, used while it is in the cache, and forgotten.
// Chellapilla, Puri and Simard, High Performance Convolutional Neural Networks
// for Document Processing, https://inria.hal.science/inria-00112631.

// A segment is a run of columns that lie side by side on one line of one output
// map.
type segment struct {
	sample, position int // of the first column
	d, h             int // where tap 0 looks on the outer axes
	w                int // output coordinate of the first column on the inner axis
	at, width        int // columns of the panel
}

// segments appends the runs that make up the columns [lo, hi), counted through
// the samples, to list.
func (g *Conv) segments(list []segment, lo, hi int) []segment {
	points, height, width := boxSize(g.Out), g.Out[1], g.Out[2]
	for q := lo; q < hi; {
		p := q % points
		line, w := p/width, p%width
		run := min(width-w, hi-q)
		list = append(list, segment{
			sample: q / points, position: p,
			d: line/height*g.Stride[0] - g.Pad[0],
			h: line%height*g.Stride[1] - g.Pad[1],
			w: w, at: q - lo, width: run,
		})
		q += run
	}
	return list
}

// A stretch is the part of a segment where one tap sees the input.
type stretch struct {
	lo, hi int // columns of the panel; none of them if hi == lo
	x      int // offset of the first input in channel 0 of its sample
}

// seen returns which columns of s see the input through tap k.
func (g *Conv) seen(s *segment, k [3]int) stretch {
	d, h := s.d+k[0]*g.Dilation[0], s.h+k[1]*g.Dilation[1]
	if d < 0 || d >= g.In[0] || h < 0 || h >= g.In[1] {
		return stretch{lo: s.at, hi: s.at}
	}
	stride := g.Stride[2]
	x := s.w*stride - g.Pad[2] + k[2]*g.Dilation[2]
	lo, hi := 0, s.width
	if x < 0 {
		lo = min((-x+stride-1)/stride, hi)
	}
	if x+(hi-1)*stride >= g.In[2] {
		hi = max(lo, (g.In[2]-x+stride-1)/stride)
	}
	return stretch{s.at + lo, s.at + hi, (d*g.In[1]+h)*g.In[2] + x + lo*stride}
}

// eachTap calls f with each tap of the kernel and its index.
func (g *Conv) eachTap(f func(tap int, k [3]int)) {
	tap := 0
	for d := range g.Kernel[0] {
		for h := range g.Kernel[1] {
			for w := range g.Kernel[2] {
				f(tap, [3]int{d, h, w})
				tap++
			}
		}
	}
}

// gatherColumns fills the panel's rows for the channels [c0, c1), counted
// through the groups. Its rows lie pitch apart.
func gatherColumns[T Float](g *Conv, panel []T, pitch int, x []T, list []segment, c0, c1 int) {
	taps, size, stride := boxSize(g.Kernel), boxSize(g.In), g.Stride[2]
	g.eachTap(func(tap int, k [3]int) {
		for i := range list {
			s := &list[i]
			in := g.seen(s, k)
			from := (s.sample*g.C+c0)*size + in.x
			for c := range c1 - c0 {
				row := panel[(c*taps+tap)*pitch:][:s.at+s.width]
				clear(row[s.at:in.lo])
				clear(row[in.hi:])
				if row = row[in.lo:in.hi]; len(row) > 0 {
					pick(row, x[from+c*size:], stride)
				}
			}
		}
	})
}

// pick sets dst to every stride-th element of src.
func pick[T Float](dst, src []T, stride int) {
	if stride == 1 {
		copy(dst, src)
		return
	}
	for i := range dst {
		dst[i] = src[i*stride]
	}
}

// scatterColumns is the adjoint of gatherColumns: it adds the panel to dx.
func scatterColumns[T Float](g *Conv, v vectors[T], dx, panel []T, pitch int, list []segment, c0, c1 int) {
	taps, size, stride := boxSize(g.Kernel), boxSize(g.In), g.Stride[2]
	g.eachTap(func(tap int, k [3]int) {
		for i := range list {
			s := &list[i]
			in := g.seen(s, k)
			if in.lo == in.hi {
				continue
			}
			to := (s.sample*g.C+c0)*size + in.x
			for c := range c1 - c0 {
				row := panel[(c*taps+tap)*pitch:][in.lo:in.hi]
				if stride == 1 {
					v.add(row, dx[to:])
				} else {
					line := dx[to:]
					for j, d := range row {
						line[j*stride] += d
					}
				}
				to += size
			}
		}
	})
}

// gatherOutputs fills the rows of a panel with the output channels [o0, o1),
// counted through the groups.
func gatherOutputs[T Float](g *Conv, panel []T, pitch int, y []T, list []segment, o0, o1 int) {
	size := boxSize(g.Out)
	for _, s := range list {
		from := (s.sample*g.OC+o0)*size + s.position
		for o := range o1 - o0 {
			copy(panel[o*pitch+s.at:][:s.width], y[from+o*size:])
		}
	}
}
