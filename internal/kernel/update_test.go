package kernel

import (
	"math"
	"testing"
)

func TestRenormRows(t *testing.T) {
	w := []float64{3, 4, 0.3, -0.4, 0, 0, -6, 8}
	RenormRows(w, 4, 2, 0, 2)
	near(t, "rows of norm 5, 0.5, 0 and 10 to 2", w, []float64{1.2, 1.6, 0.3, -0.4, 0, 0, -1.2, 1.6}, rounding[float64]())

	w = []float64{3, 4, 0.3, -0.4, 0, 0, 0.6, 0.8}
	RenormRows(w, 4, 2, 1, 1)
	near(t, "rows of norm 5, 0.5, 0 and 1 to 1", w, []float64{0.6, 0.8, 0.6, -0.8, 0, 0, 0.6, 0.8}, rounding[float64]())

	const rows, cols = 500, 101
	large := normal[float32](rows*cols, "w")
	before := append([]float32{}, large...)
	RenormRows(large, rows, cols, 0, 10)
	for r := range rows {
		var was, is float64
		for c := range cols {
			was += float64(before[r*cols+c]) * float64(before[r*cols+c])
			is += float64(large[r*cols+c]) * float64(large[r*cols+c])
		}
		want := min(math.Sqrt(was), 10)
		if got := math.Sqrt(is); math.Abs(got-want) > 10*rounding[float32]() {
			t.Fatalf("row %d has norm %v, want %v ± %g", r, got, want, 10*rounding[float32]())
		}
		if was < 100 && large[r*cols] != before[r*cols] {
			t.Fatalf("row %d of norm %v changed", r, math.Sqrt(was))
		}
	}
}
