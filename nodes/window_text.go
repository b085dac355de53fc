package nodes

import (
	"fmt"
	"slices"
	"strings"
)

// text is what defines the window of so many spatial axes in a summary: the kernel, and
// what is not as usual. A stride usually is 1, or for a pooling the kernel.
func text(dims int, kernel, stride, pad, dilation, usual extents) string {
	out := "kernel=" + times(kernel[3-dims:])
	for _, set := range []struct {
		name     string
		n, usual extents
	}{{"stride", stride, usual}, {"pad", pad, extents{}}, {"dilation", dilation, extents{1, 1, 1}}} {
		if n := set.n[3-dims:]; !slices.Equal(n, set.usual[3-dims:]) {
			if all := slices.Repeat(n[:1], dims); slices.Equal(n, all) {
				n = n[:1]
			}
			out += fmt.Sprintf(", %s=%s", set.name, times(n))
		}
	}
	return out
}

// times is 5×3 for 5 and 3.
func times(n []int) string { return strings.ReplaceAll(strings.Trim(fmt.Sprint(n), "[]"), " ", "×") }

// String is what a summary says of a pooling, as in kernel=3×3, stride=2.
func (w PoolWindows) String() string {
	return text(len(w.X)-2, w.Kernel, w.Stride, w.Pad, w.Dilation, w.Kernel)
}

func (p pooled) text() string {
	return text(len(p.x)-2, p.g.Kernel, p.g.Stride, p.g.Pad, p.g.Dilation, p.g.Kernel)
}

// text is that of a convolution; of the two paddings that [Same] may have it is the
// first.
func (op conv) text() string {
	out := text(len(op.x)-2, op.g.Kernel, op.g.Stride, op.g.Pad, op.g.Dilation, extents{1, 1, 1})
	if op.g.Groups > 1 {
		out += fmt.Sprintf(", groups=%d", op.g.Groups)
	}
	return out
}
