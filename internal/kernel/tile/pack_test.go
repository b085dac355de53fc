package tile_test

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// matrix returns a (rows, cols) matrix whose rows lie stride floats apart, with
// guards around them, and the element that it starts at.
func matrix(r *rand.Rand, rows, cols, stride int) (x []float32, start int) {
	start = margin + r.IntN(17)
	x = guarded(start + rows*stride + margin)
	for i := range rows {
		for j := range cols {
			x[start+i*stride+j] = r.Float32()
		}
	}
	return x, start
}

// packed checks that dst holds the given numbers from start on, in the order in
// which f names their places, zeros elsewhere up to size, and guards around.
func packed(t *testing.T, what string, dst []float32, start, size int, f func(put func(at int, v float32))) {
	t.Helper()
	want := make([]float32, size)
	f(func(at int, v float32) { want[at] = v })
	for i, v := range dst {
		if i < start || i >= start+size {
			if !isGuard(v) {
				t.Fatalf("%s: wrote at %d of %d", what, i-start, size)
			}
		} else if v != want[i-start] {
			t.Fatalf("%s: element %d is %v, want %v", what, i-start, v, want[i-start])
		}
	}
}

func TestPackRows(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for range 300 {
			rows, depth, trans := 1+r.IntN(50), 1+r.IntN(70), r.IntN(2) == 1
			high, wide := rows, depth
			if trans {
				high, wide = depth, rows
			}
			stride := wide + r.IntN(5)
			src, s := matrix(r, high, wide, stride)
			p, step := tile.Split(rows), tile.RowStep()/4
			dst, d := guarded(p.Len()*depth*step+2*margin), 11
			tile.PackRows(pointer(dst, d), pointer(src, s), 4*stride, rows, depth, trans)
			packed(t, "rows", dst, d, p.Len()*depth*step, func(put func(int, float32)) {
				for i := range p.Len() {
					row, height := p.At(i)
					for y := range height {
						for k := range depth {
							at := s + (row+y)*stride + k
							if trans {
								at = s + k*stride + row + y
							}
							put((i*depth+k)*step+y, src[at])
						}
					}
				}
			})
		}
	})
}

func TestPackCols(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for round := range 300 {
			cols, depth, trans := 1+r.IntN(80), 1+r.IntN(70), r.IntN(2) == 1
			if round == 0 {
				cols, depth, trans = 20011, 3, false // a row of more than one call
			}
			high, wide := depth, cols
			if trans {
				high, wide = cols, depth
			}
			stride := wide + r.IntN(5)
			src, s := matrix(r, high, wide, stride)
			size := depth * tile.ColStep(cols) / 4
			dst, d := guarded(size+2*margin), 11
			tile.PackCols(pointer(dst, d), pointer(src, s), 4*stride, cols, depth, trans)
			packed(t, "columns", dst, d, size, func(put func(int, float32)) {
				for j := range cols {
					first := j / tile.Cols() * tile.Cols()
					step := tile.ColStep(min(tile.Cols(), cols-first)) / 4
					for k := range depth {
						at := s + k*stride + j
						if trans {
							at = s + j*stride + k
						}
						put(first*depth+k*step+j-first, src[at])
					}
				}
			})
		}
	})
}

// TestPackLong: depths beyond what one call of the assembly moves.
func TestPackLong(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		const depth = 20000
		rows := tile.Rows() + 1
		src := make([]float32, rows*depth)
		for i := range src {
			src[i] = float32(i)
		}
		p, step := tile.Split(rows), tile.RowStep()/4
		for _, trans := range []bool{false, true} {
			stride := depth
			if trans {
				stride = rows
			}
			dst := make([]float32, p.Len()*depth*step)
			tile.PackRows(pointer(dst, 0), pointer(src, 0), 4*stride, rows, depth, trans)
			for i := range p.Len() {
				row, height := p.At(i)
				for k := range depth {
					for y := range height {
						want := float32((row+y)*depth + k)
						if trans {
							want = float32(k*rows + row + y)
						}
						if got := dst[(i*depth+k)*step+y]; got != want {
							t.Fatalf("trans %v: panel %d, k %d, row %d is %v, want %v", trans, i, k, y, got, want)
						}
					}
				}
			}
		}
	})
}
