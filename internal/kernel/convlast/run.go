package convlast

import (
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A run is a sequence of points of the result along one axis, evenly spaced,
// which see the source through the same taps: those counted from tap on, in the
// order in which weights are packed. The first point sees source coordinate from
// through its first tap; each further tap sees it tapStep later, and each further
// point fromStep later.
type run struct {
	to, toStep     int
	n              int
	from, fromStep int
	tap, taps      int
	tapStep        int
}

// forwardRuns returns the runs that make up the outputs along an axis, where
// output p sees input p·stride - pad + k·dilation through tap k. Outputs that see
// no input have a run with no taps.
func forwardRuns(in, kernel, out, stride, pad, dilation int) []run {
	var runs []run
	for p := range out {
		first := p*stride - pad
		lo := min(kernel, ceil(max(0, -first), dilation))
		hi := min(kernel, ceil(max(0, in-first), dilation))
		runs = extend(runs, run{
			to: p, toStep: 1, n: 1,
			from: first + lo*dilation, fromStep: stride,
			tap: lo, taps: hi - lo, tapStep: dilation,
		})
	}
	return runs
}

// backwardRuns returns the runs that make up the inputs along an axis, and the
// order in which their taps are packed. Input i takes from output p through tap k
// where p·stride - pad + k·dilation = i.
//
// Every stride-th input has the same taps, each a whole number of outputs apart:
// a convolution of stride 1 with those taps, in falling order since a later tap
// takes from an earlier output.
func backwardRuns(in, kernel, out, stride, pad, dilation int) (runs []run, order []int) {
	for phase := range min(stride, in) { // other phases have no inputs
		first := len(order)
		for k := kernel - 1; k >= 0; k-- {
			if (phase+pad-k*dilation)%stride == 0 {
				order = append(order, k)
			}
		}
		taps := order[first:]
		step := dilation / vec.GCD(dilation, stride)
		for i := phase; i < in; i += stride {
			p := 0
			if len(taps) > 0 {
				p = (i + pad - taps[0]*dilation) / stride // exact
			}
			lo := min(len(taps), ceil(max(0, -p), step))
			hi := min(len(taps), ceil(max(0, out-p), step))
			runs = extend(runs, run{
				to: i, toStep: stride, n: 1,
				from: p + lo*step, fromStep: 1,
				tap: first + lo, taps: hi - lo, tapStep: step,
			})
		}
	}
	return runs, order
}

// extend adds a point to the last run, if it belongs there, or as a new one.
func extend(runs []run, r run) []run {
	if r.taps <= 0 {
		r.taps, r.tap, r.from = 0, 0, 0
	}
	if len(runs) > 0 {
		last := &runs[len(runs)-1]
		if last.taps == r.taps && last.tap == r.tap && last.to+last.n*last.toStep == r.to {
			last.n++
			return runs
		}
	}
	return append(runs, r)
}

// ceil returns a/b rounded up, for a ≥ 0.
func ceil(a, b int) int { return (a + b - 1) / b }

// identity returns 0, 1, ..., n-1.
func identity(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// seen returns the outputs [lo, hi) that see the input through tap k of an axis.
func seen(g *kernel.Conv, axis, k int) (lo, hi int) {
	first, stride := k*g.Dilation[axis]-g.Pad[axis], g.Stride[axis]
	lo = min(g.Out[axis], ceil(max(0, -first), stride))
	hi = min(g.Out[axis], ceil(max(0, g.In[axis]-first), stride))
	return lo, max(lo, hi)
}
