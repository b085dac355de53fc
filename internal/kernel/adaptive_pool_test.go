package kernel

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// TestAdaptiveAvgPoolKnown is worked by hand from the definition of the bins.
func TestAdaptiveAvgPoolKnown(t *testing.T) {
	for _, c := range []struct {
		name             string
		in, out          [3]int
		x, y, dy, wantDx []float64
	}{
		{
			"divides", [3]int{1, 1, 4}, [3]int{1, 1, 2},
			[]float64{1, 3, 5, 9}, []float64{2, 7}, []float64{2, 4}, []float64{1, 1, 2, 2},
		},
		{
			"neighbours overlap", [3]int{1, 1, 5}, [3]int{1, 1, 3},
			[]float64{1, 2, 3, 4, 5}, []float64{1.5, 3, 4.5}, []float64{2, 3, 4}, []float64{1, 2, 1, 3, 2},
		},
		{
			"more bins than elements", [3]int{1, 1, 2}, [3]int{1, 1, 3},
			[]float64{1, 5}, []float64{1, 3, 5}, []float64{1, 2, 4}, []float64{2, 5},
		},
		{
			"two axes", [3]int{1, 2, 3}, [3]int{1, 1, 2},
			[]float64{1, 2, 3, 5, 6, 7}, []float64{3.5, 4.5}, []float64{4, 8}, []float64{1, 3, 2, 1, 3, 2},
		},
		{
			"depth", [3]int{2, 1, 2}, [3]int{1, 1, 1},
			[]float64{1, 2, 3, 6}, []float64{3}, []float64{4}, []float64{1, 1, 1, 1},
		},
	} {
		const maps = 3 // the second with another sign, the third doubled
		var x, y, dy, dx []float64
		for _, factor := range []float64{1, -1, 2} {
			for _, pair := range []struct {
				to   *[]float64
				from []float64
			}{{&x, c.x}, {&y, c.y}, {&dy, c.dy}, {&dx, c.wantDx}} {
				for _, v := range pair.from {
					*pair.to = append(*pair.to, factor*v)
				}
			}
		}
		gotY, gotDx := dirty[float64](len(y)), dirty[float64](len(x))
		AdaptiveAvgPoolForward(maps, c.in, c.out, gotY, x)
		AdaptiveAvgPoolBackward(maps, c.in, c.out, gotDx, dy)
		if !slices.Equal(gotY, append(y, 99)) {
			t.Errorf("%s: y is %v, want %v", c.name, gotY, y)
		}
		if !slices.Equal(gotDx, append(dx, 99)) {
			t.Errorf("%s: dx is %v, want %v", c.name, gotDx, dx)
		}
	}
}

// TestAdaptiveAvgPoolEven: bins of equal size make it an ordinary pooling.
func TestAdaptiveAvgPoolEven(t *testing.T) {
	g := Pool{
		Maps: 40, In: [3]int{4, 12, 9}, Kernel: [3]int{2, 4, 3}, Out: [3]int{2, 3, 3},
		Stride: [3]int{2, 4, 3}, Dilation: [3]int{1, 1, 1},
	}
	x, dy := normal[float32](g.Maps*boxSize(g.In), "x"), normal[float32](g.Maps*boxSize(g.Out), "dy")
	wantY, wantDx := make([]sum, len(dy)), make([]sum, len(x))
	eachWindow(&g, func(out int, in []int, _ int) {
		for _, i := range in {
			wantY[out].add(float64(x[i]) / float64(len(in)))
			wantDx[i].add(float64(dy[out]) / float64(len(in)))
		}
	})
	kerneltest.EachThreads(t, func(t *testing.T) {
		y, dx := dirty[float32](len(dy)), dirty[float32](len(x))
		AdaptiveAvgPoolForward(g.Maps, g.In, g.Out, y, x)
		AdaptiveAvgPoolBackward(g.Maps, g.In, g.Out, dx, dy)
		expectPool(t, "y", y, wantY)
		expectPool(t, "dx", dx, wantDx)
	})
}
