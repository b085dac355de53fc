package train

import (
	"testing"

	"gorgonia.org/tensor"
)

func TestTensorsGathersRows(t *testing.T) {
	x := tensorOf([]float64{1, 2, 3, 4, 5, 6}, 3, 2)
	ds, err := Tensors(x, tensorOf([]int{7, 8, 9}, 3))
	if err != nil {
		t.Fatal(err)
	}
	if ds.Len() != 3 {
		t.Errorf("Len() = %d, want 3", ds.Len())
	}
	wantBatch(t, ds, []int{2, 0, 2}, tensor.Shape{3, 2}, []float64{5, 6, 1, 2, 5, 6}, []int{9, 7, 9})
	wantBatch(t, ds, []int{1}, tensor.Shape{1, 2}, []float64{3, 4}, []int{8})
	wantIndexErrors(t, ds)

	// A batch is the caller's: writing to it leaves the data set alone.
	got, _, err := ds.Batch([]int{0})
	if err != nil {
		t.Fatal(err)
	}
	got.Float64s()[0] = 100
	wantBatch(t, ds, []int{0}, tensor.Shape{1, 2}, []float64{1, 2}, []int{7})
}

func TestTensorsOfAnyType(t *testing.T) {
	ds, err := Tensors(tensorOf([]string{"a", "b"}, 2), tensorOf([]float32{1, 2, 3, 4}, 2, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	wantBatch(t, ds, []int{1}, tensor.Shape{1}, []string{"b"}, []float32{3, 4})
}

func TestTensorsOfViews(t *testing.T) {
	x := tensorOf([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := x.T(); err != nil { // (3, 2), strides swapped
		t.Fatal(err)
	}
	sliced, err := tensorOf([]int{0, 1, 2, 3, 4}, 5).Slice(tensor.S(1, 4))
	if err != nil {
		t.Fatal(err)
	}
	ds, err := Tensors(x, sliced.(*tensor.Dense))
	if err != nil {
		t.Fatal(err)
	}
	wantBatch(t, ds, []int{0, 2}, tensor.Shape{2, 2}, []float32{1, 4, 3, 6}, []int{1, 3})
}

func TestTensorsErrors(t *testing.T) {
	three := tensorOf([]int{1, 2, 3}, 3)
	columns := tensor.New(tensor.AsFortran([]float32{1, 2, 3, 4, 5, 6}), tensor.WithShape(3, 2))
	for _, c := range []struct {
		name string
		x, t *tensor.Dense
		want string
	}{
		{"nil x", nil, three, "x: is nil"},
		{"nil t", three, nil, "t: is nil"},
		{"scalar", tensor.New(tensor.FromScalar(1.0)), three, "x: has shape ()"},
		{"lengths", three, tensorOf([]int{1, 2}, 2), "x has 3 rows and t has 2"},
		{"column-major", columns, three, "x: is column-major"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := Tensors(c.x, c.t)
			wantError(t, err, c.want)
			if ds != nil {
				t.Errorf("data set is %v, want nil", ds)
			}
		})
	}
}
