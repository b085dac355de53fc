package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/philox"
)

// blockFactors marks box after box as the documentation of Blocks says.
func blockFactors(m Corners, groups, maps int, in, size [3]int) []float64 {
	area := boxSize(in)
	k := scaled(make([]float64, groups*maps*area), 0, 1)
	dropped := make([]int, max(1, groups))
	begins := func(e int) bool {
		return !keeps(m.Mask, e) && unit(philox.Block(philox.At(m.Step, 1<<63+uint64(e)), m.Key)[0]) < m.Stay
	}
	for e := range k {
		c, d, h, w := e/area, e/(in[1]*in[2])%in[0], e/in[2]%in[1], e%in[2]
		if !begins(e) || d+size[0] > in[0] || h+size[1] > in[1] || w+size[2] > in[2] {
			continue
		}
		for i := range boxSize(size) {
			a, b, g := i/(size[1]*size[2]), i/size[2]%size[1], i%size[2]
			at := ((c*in[0]+d+a)*in[1]+h+b)*in[2] + w + g
			if k[at] == 1 {
				k[at] = 0
				dropped[at/(maps*area)]++
			}
		}
	}
	for e := range k {
		k[e] *= float64(maps*area) / float64(max(1, maps*area-dropped[e/(maps*area)]))
	}
	return k
}

func testBlocks[T Float](t *testing.T, p float64, n, c int, in, size [3]int) {
	testGroups[T](t, p, 1, n*c, n, c, in, size)
	testGroups[T](t, p, n, c, n, c, in, size) // each sample counted by itself
}

func testGroups[T Float](t *testing.T, p float64, groups, maps, n, c int, in, size [3]int) {
	m := NewCorners(philox.KeyOf(2, "drop"), 5, p)
	name := fmt.Sprintf("p = %v, %d×%d maps of %v in %d groups, boxes of %v", p, n, c, in, groups, size)
	area := boxSize(in)
	b := NewBlocks(groups, maps, in, size)
	x := normal[T](n*c*area, "x")
	k := blockFactors(m, groups, maps, in, size)
	want := make([]float64, len(x))
	for e, v := range x {
		if want[e] = float64(v * T(k[e])); k[e] == 0 {
			x[e] = T(math.NaN())
		}
	}
	y := make([]T, len(x))
	BlocksApply(b, m, y, x)
	near(t, "BlocksApply, "+name, y, want, 0)

	last, back := make([]T, len(x)), make([]T, len(x))
	ToLast(last, x, n, c, area)
	BlocksApplyLast(b, m, last, last, n, c, area)
	ToFirst(back, last, n, c, area)
	near(t, "BlocksApplyLast in place, "+name, back, want, 0)

	BlocksCells(b, m, y)
	for e := range k {
		k[e] = float64(T(k[e]))
	}
	near(t, "BlocksCells, "+name, y, k, 0)
}

func TestBlocks(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, in := range [][3]int{{1, 1, 9}, {1, 5, 7}, {1, 8, 8}, {1, 9, 70}, {3, 4, 5}, {2, 1, 64}, {1, 1, 200}} {
			for _, size := range [][3]int{{1, 1, 1}, {1, 1, 2}, {1, 3, 3}, {2, 2, 2}, {1, 4, 7}, in} {
				for axis := range size {
					size[axis] = min(size[axis], in[axis])
				}
				for _, p := range []float64{0.0009, 0.01, 0.3} {
					testBlocks[float32](t, p, 3, 5, in, size)
					testBlocks[float32](t, p, 1, 70, in, size)
				}
			}
		}
		testBlocks[float64](t, 0.05, 2, 3, [3]int{1, 6, 5}, [3]int{1, 3, 3})
		testBlocks[float32](t, 0.02, 40, 66, [3]int{1, 7, 9}, [3]int{1, 3, 3}) // several chunks
		for _, p := range []float64{0, 1} {
			testBlocks[float32](t, p, 2, 3, [3]int{1, 4, 5}, [3]int{1, 2, 2})
		}
		testBlocks[float32](t, 0.5, 0, 3, [3]int{1, 4, 5}, [3]int{1, 2, 2})
	})
	x := normal[float32](9*65*77, "x")
	b := NewBlocks(1, 9*65, [3]int{1, 7, 11}, [3]int{1, 3, 4})
	sameBits(t, "BlocksApplyLast", func() []float32 {
		y := make([]float32, len(x))
		BlocksApplyLast(b, NewCorners(philox.KeyOf(1, "drop"), 0, 0.05), y, x, 9, 65, 77)
		return y
	})
}

// The smallest probabilities are not rounded to a 65536th.
func TestRareCorners(t *testing.T) {
	const n = 1 << 24
	y := make([]float32, n)
	for _, p := range []float64{0x1p-18, 1e-5, 0x1.8p-11} {
		BlocksCells(NewBlocks(1, 1, [3]int{1, 1, n}, [3]int{1, 1, 1}), NewCorners(philox.KeyOf(3, "drop"), 1, p), y)
		got := 0
		for _, v := range y {
			if v == 0 {
				got++
			}
		}
		if want := n * p; math.Abs(float64(got)-want) > 4*math.Sqrt(want) {
			t.Errorf("p = %v: %d corners, want %v", p, got, want)
		}
	}
}

// Where boxes cover everything, there is nothing to scale.
func TestBlocksThatCoverAll(t *testing.T) {
	b := NewBlocks(1, 1, [3]int{1, 3, 3}, [3]int{1, 3, 3})
	for step := uint64(0); ; step++ {
		m := NewCorners(philox.KeyOf(1, "drop"), step, 0.5)
		if !keeps(m.Mask, 0) {
			y := normal[float32](9, "x")
			y[4] = float32(math.NaN())
			BlocksApply(b, m, y, y)
			near(t, "all dropped", y, make([]float64, 9), 0)
			return
		}
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add(uint8(30), uint8(2), uint8(33), uint8(1), uint8(12), uint8(9), uint8(3))
	f.Fuzz(func(t *testing.T, p, n, c, d, h, w, size uint8) {
		in := [3]int{1 + int(d%3), 1 + int(h%40), 1 + int(w%80)}
		box := [3]int{}
		for axis := range box {
			box[axis] = 1 + int(size)%in[axis]
		}
		kerneltest.EachLevel(t, func(t *testing.T) {
			testBlocks[float32](t, float64(p)/256, int(n%3), 1+int(c%70), in, box)
		})
	})
}

// BenchmarkBlocks sets blocks of 7 by 7 beside a copy, as BenchmarkDropout does
// other masks.
func BenchmarkBlocks(b *testing.B) {
	defer pool.SetThreads(pool.Threads())
	pool.SetThreads(2)
	const n, c, s = 64, 64, 1024
	x, y := benchData(n*c*s), make([]float32, n*c*s)
	blocks := NewBlocks(1, n*c, [3]int{1, 32, 32}, [3]int{1, 7, 7})
	m := NewCorners(philox.KeyOf(1, "drop"), 0, 0.1/49)
	plain := NewMask(philox.KeyOf(1, "drop"), 0, 0.1)
	besideCopy(b, x, y, map[string]func(){
		"dropout":      func() { MaskApply(plain, y, x) },
		"dropout_last": func() { MaskApplyLast(plain, y, x, n, c, s) },
		"blocks":       func() { BlocksApply(blocks, m, y, x) },
		"blocks_last":  func() { BlocksApplyLast(blocks, m, y, x, n, c, s) },
	})
}
