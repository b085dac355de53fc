package vec

import (
	"fmt"
	"testing"
)

func testTranspose(t *testing.T, rows, cols, yMore, xMore int) {
	yStep, xStep := rows+yMore, cols+xMore
	x := mixed((rows-1)*xStep+cols, uint64(rows*1000+cols))
	size := (cols-1)*yStep + rows
	y, check := guarded(t, size, cols%3)
	Transpose(y, x, rows, cols, yStep, xStep)
	name := fmt.Sprintf("transposing %d×%d", rows, cols)
	check(name)
	for e, got := range y {
		want := float32(guard) // between the rows
		if i, j := e%yStep, e/yStep; i < rows {
			want = x[i*xStep+j]
		}
		if !same(got, want) {
			t.Fatalf("%s: element %d is %v, want %v", name, e, got, want)
		}
	}
}

func TestTranspose(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for rows := 1; rows < 36; rows++ {
			for cols := 1; cols < 36; cols++ {
				testTranspose(t, rows, cols, rows%3, cols%2)
			}
		}
		testTranspose(t, chunk/16+5, 17, 0, 0)
	})
	Transpose([]float32{}, nil, 0, 3, 0, 3)
	Transpose[float32](nil, []float32{}, 3, 0, 3, 0)
}

func FuzzTranspose(f *testing.F) {
	f.Add(uint8(3), uint8(40), uint8(0), uint8(1))
	f.Fuzz(func(t *testing.T, rows, cols, yMore, xMore uint8) {
		eachLevel(t, func(t *testing.T) {
			testTranspose(t, 1+int(rows), 1+int(cols), int(yMore%8), int(xMore%8))
		})
	})
}
