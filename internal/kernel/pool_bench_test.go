package kernel

import (
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

func BenchmarkPool(b *testing.B) {
	const maps, size = 64 * 32, 28
	halves := squarePool(maps, size, 2, 2, 0)
	overlapping := squarePool(maps, size, 3, 2, 1)
	x, dx := benchData(maps*size*size), benchData(maps*size*size)
	y := benchData(maps * size * size / 4)
	for _, c := range []struct {
		name string
		g    Pool
	}{{"2x2", halves}, {"3x3_stride2", overlapping}} {
		bench(b, "max/"+c.name+"/forward", len(x), func() { MaxPoolForward(&c.g, y, x) })
		bench(b, "max/"+c.name+"/backward", len(x), func() { MaxPoolBackward(&c.g, dx, x, y) })
		bench(b, "avg/"+c.name+"/forward", len(x), func() { AvgPoolForward(&c.g, y, x) })
		bench(b, "avg/"+c.name+"/backward", len(x), func() { AvgPoolBackward(&c.g, dx, y) })
	}
	key, of := philox.Key{1, 2}, halves.Windows(1)
	for i := range x {
		x[i] = max(0, x[i])
	}
	bench(b, "rank/2x2/forward", len(x), func() { RankPool(of, []float64{0.5, 0.25, 0.125, 0.0625}, y, x) })
	bench(b, "rank/2x2/backward", len(x), func() { RankPoolGrad(of, []float64{0.5, 0.25, 0.125, 0.0625}, dx, x, y) })
	bench(b, "sample/2x2/forward", len(x), func() { SamplePool(of, key, 1, y, x) })
	bench(b, "sample/2x2/backward", len(x), func() { SamplePoolGrad(of, key, 1, dx, x, y) })
	bench(b, "own/2x2/forward", len(x), func() { OwnPool(of, y, x) })
	bench(b, "own/2x2/backward", len(x), func() { OwnPoolGrad(of, dx, x, y) })
	in, one := [3]int{1, size, size}, [3]int{1, 1, 1}
	bench(b, "global/forward", len(x), func() { AdaptiveAvgPoolForward(maps, in, one, y, x) })
	bench(b, "global/backward", len(x), func() { AdaptiveAvgPoolBackward(maps, in, one, dx, y) })
}

func squarePool(maps, size, kernel, stride, pad int) Pool {
	out := (size+2*pad-kernel)/stride + 1
	return Pool{
		Maps: maps,
		In:   [3]int{1, size, size}, Kernel: [3]int{1, kernel, kernel}, Out: [3]int{1, out, out},
		Stride: [3]int{1, stride, stride}, Pad: [3]int{0, pad, pad}, Dilation: [3]int{1, 1, 1},
		PadHigh: [3]int{0, pad, pad}, CountIncludePad: true,
	}
}
