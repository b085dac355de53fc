package onnximport

// windows are what a convolution or a pooling sees: sizes of the spatial axes.
type windows struct {
	in, kernel, stride, dilation, low, high []int // low and high are the padding
	ceil                                    bool
}

// largest bounds sizes, so that no product of two overflows.
const largest = 1 << 30

// windows reads the attributes of a node for an input with spatial axes of these sizes.
func (c *call) windows(in, kernel []int) windows {
	w := windows{in: in, kernel: c.attrInts("kernel_shape"), stride: c.attrInts("strides"), dilation: c.attrInts("dilations")}
	if w.kernel == nil {
		w.kernel = kernel
	}
	if w.stride == nil {
		w.stride = ones(len(in))
	}
	if w.dilation == nil {
		w.dilation = ones(len(in))
	}
	pads := c.attrInts("pads")
	if pads == nil {
		pads = make([]int, 2*len(in))
	}
	w.check("kernel_shape", w.kernel, 1)
	w.check("strides", w.stride, 1)
	w.check("dilations", w.dilation, 1)
	if len(pads) != 2*len(in) {
		fail("pads are %v, want two for each of %d spatial axes", pads, len(in))
	}
	w.low, w.high = append([]int{}, pads[:len(in)]...), append([]int{}, pads[len(in):]...)
	w.check("pads", w.low, 0)
	w.check("pads", w.high, 0)
	w.ceil = c.attrInt("ceil_mode", 0) == 1
	return w
}

func (w *windows) check(name string, v []int, least int) {
	for _, n := range v {
		if n < least || n > largest {
			fail("%s are %v, want at least %d and at most 2³⁰", name, v, least)
		}
	}
	if len(v) != len(w.in) {
		fail("%s are %v, want one for each of %d spatial axes", name, v, len(w.in))
	}
}

// span is how much of an axis one window covers.
func (w *windows) span(axis int) int { return w.dilation[axis]*(w.kernel[axis]-1) + 1 }

// padAutomatically replaces the padding by what auto_pad says.
func (w *windows) padAutomatically(how string) {
	for axis, n := range w.in {
		switch how {
		case "NOTSET", "":
			return
		case "VALID":
			w.low[axis], w.high[axis] = 0, 0
		case "SAME_UPPER", "SAME_LOWER":
			out := (n + w.stride[axis] - 1) / w.stride[axis]
			w.share(axis, max(0, (out-1)*w.stride[axis]+w.span(axis)-n), how == "SAME_UPPER")
		default:
			fail("auto_pad is %q, want NOTSET, VALID, SAME_UPPER or SAME_LOWER", how)
		}
	}
}

// share splits the padding of an axis; the larger half comes last, or first.
func (w *windows) share(axis, total int, last bool) {
	w.low[axis], w.high[axis] = total/2, total-total/2
	if !last {
		w.low[axis], w.high[axis] = w.high[axis], w.low[axis]
	}
}

// out is the size of the output. With ceil_mode there is a last window for what is left,
// if it begins in the input or the padding before it.
func (w *windows) out(axis int) int {
	room := w.in[axis] + w.low[axis] + w.high[axis] - w.span(axis)
	if room < 0 {
		fail("a window spans %d of axis %d, and the input with its padding has %d, want a window that fits", w.span(axis), axis, room+w.span(axis))
	}
	n := room/w.stride[axis] + 1
	if w.ceil && room%w.stride[axis] != 0 && n*w.stride[axis] < w.in[axis]+w.low[axis] {
		n++
	}
	return n
}

// beyond is how much the last window sees behind the input.
func (w *windows) beyond(axis int) int {
	return max(0, (w.out(axis)-1)*w.stride[axis]+w.span(axis)-w.in[axis]-w.low[axis])
}

// symmetric says whether the padding is the same on both sides, and a window needs no more.
func (w *windows) symmetric() bool {
	for axis := range w.in {
		if w.low[axis] != w.high[axis] || w.beyond(axis) > w.high[axis] {
			return false
		}
	}
	return true
}
