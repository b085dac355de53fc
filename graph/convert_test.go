package graph

import (
	"testing"

	"gorgonia.org/tensor"
)

// Integers of any type are taken as the numbers they are.
func TestIntegersAsInput(t *testing.T) {
	dense := func(data any) *tensor.Dense { return tensor.New(tensor.WithShape(1, 3), tensor.WithBacking(data)) }
	for _, opts := range [][]Option{nil, {Float64()}} {
		m, err := Build(func(s *Scope, x *Node) *Node { return s.Layer("x").Apply(times{}, x, x) }, Shape{1, 3}, opts...)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []any{
			[]int{0, 2, 7}, []int8{0, 2, 7}, []int16{0, 2, 7}, []int32{0, 2, 7}, []int64{0, 2, 7},
			[]uint8{0, 2, 7}, []uint16{0, 2, 7}, []uint32{0, 2, 7}, []uint64{0, 2, 7},
		} {
			y, err := m.Predict(dense(x))
			if err != nil {
				t.Errorf("%T: %v", x, err)
				continue
			}
			if y, err = convert(y, tensor.Float64); err != nil {
				t.Fatal(err)
			}
			if v := y.Float64s(); v[0] != 0 || v[1] != 4 || v[2] != 49 {
				t.Errorf("%T: got the squares %v, want [0 4 49]", x, v)
			}
		}
	}
}

// What is too large would be rounded to the number of another word.
func TestIntegersTooLargeAsInput(t *testing.T) {
	row := func(data any) *tensor.Dense { return tensor.New(tensor.WithShape(2), tensor.WithBacking(data)) }
	for _, c := range []struct {
		x    any
		dt   tensor.Dtype
		want string
	}{
		{[]int{-1 << 24, 1 << 24}, tensor.Float32, ""},
		{[]int64{0, 1<<24 + 1}, tensor.Float32, "element 1 is 16777217, want at most 16777216 in size, up to which float32 has all integers"},
		{[]int32{-1<<24 - 1, 0}, tensor.Float32, "element 0 is -16777217, want at most"},
		{[]int64{1<<24 + 1, 1 << 53}, tensor.Float64, ""},
		{[]int64{0, 1<<53 + 1}, tensor.Float64, "element 1 is 9007199254740993, want at most"},
		{[]uint64{0, 1<<64 - 1}, tensor.Float64, "element 1 is 18446744073709551615, want at most"},
	} {
		y, err := convert(row(c.x), c.dt)
		if c.want != "" {
			wantError(t, err, c.want)
		} else if err != nil || y.Dtype() != c.dt {
			t.Errorf("%v: got %v, %v", c.x, y, err)
		}
	}
}
