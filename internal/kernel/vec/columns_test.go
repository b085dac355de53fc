package vec

import (
	"fmt"
	"math"
	"testing"
)

func testColumns(t *testing.T, rows, cols int) {
	n := rows * cols
	x, src := mixed(n, uint64(n)), mixed(n, 3)
	for i := range x {
		if i%4 != 0 {
			x[i] = float32(i * 7919 % 5) // with equals
		}
	}
	name := fmt.Sprintf("%d×%d", rows, cols)
	start := mixed(cols, 5)
	for i := range start {
		start[i] = float32(math.Inf(-1))
	}
	want, wantTop := make([]float32, n), append([]float32{}, start...)
	inGo(func() { MaxRows(wantTop, x, rows) })
	top, checkTop := guarded(t, cols, cols%4)
	copy(top, start)
	MaxRows(top, x, rows)
	compare(t, "MaxRows, "+name, top, wantTop, same)
	checkTop("MaxRows, " + name)
	for i := range top {
		if i%3 == 0 {
			top[i], wantTop[i] = float32(math.NaN()), float32(math.NaN())
		}
	}
	found := append([]float32{}, top...)
	inGo(func() { ZeroFirst(want, src, x, wantTop, rows) })
	y, check := guarded(t, n, cols%4)
	ZeroFirst(y, src, x, top, rows)
	compare(t, "ZeroFirst, "+name, y, want, same)
	compare(t, "top of ZeroFirst, "+name, top, wantTop, same)
	check("ZeroFirst, " + name)
	checkTop("ZeroFirst, " + name)
	in := append([]float32{}, src...)
	ZeroFirst(in, in, x, found, rows)
	compare(t, "ZeroFirst in place, "+name, in, want, same)
}

func TestColumns(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for cols := 0; cols < 150; cols++ {
			for _, rows := range []int{0, 1, 2, 9, 65} {
				testColumns(t, rows, cols)
			}
		}
		testColumns(t, 3, chunk+5)
		testColumns(t, chunk+5, 3)
	})
}

func FuzzColumns(f *testing.F) {
	f.Add(uint8(65), uint16(3))
	f.Fuzz(func(t *testing.T, rows uint8, cols uint16) {
		eachLevel(t, func(t *testing.T) { testColumns(t, int(rows), int(cols%300)) })
	})
}
