package kernel

import (
	"fmt"
	"testing"
)

func TestCopyBlock(t *testing.T) {
	for _, outer := range []int{1, 3, 9000} {
		for _, inner := range []int{1, 4} {
			a, b := normal[float32](outer*2*inner, "a"), normal[float32](outer*3*inner, "b")
			y := make([]float32, outer*5*inner)
			CopyBlock(y, a, outer, 5, 2, 0, inner)
			CopyBlock(y, b, outer, 5, 3, 2, inner)

			want := make([]float64, len(y))
			eachIndex([]int{outer, 5, inner}, func(e int, index []int) {
				o, j, i := index[0], index[1], index[2]
				if j < 2 {
					want[e] = float64(a[(o*2+j)*inner+i])
				} else {
					want[e] = float64(b[(o*3+j-2)*inner+i])
				}
			})
			name := fmt.Sprintf("outer %d, inner %d", outer, inner)
			near(t, name, y, want, 0)

			back := make([]float32, len(b))
			SliceBlock(back, y, outer, 5, 3, 2, inner)
			for i, v := range b {
				if back[i] != v {
					t.Fatalf("%s: SliceBlock element %d is %v, want %v", name, i, back[i], v)
				}
			}
		}
	}
}
