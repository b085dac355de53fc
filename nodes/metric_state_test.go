package nodes

import (
	"encoding"
	"math"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// A metric that is saved in the middle goes on with the same bits.
func TestMetricsAreSaved(t *testing.T) {
	y := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking([]float32{1, 2, 0.5, 3, 1, 2, 0, 0.1, 0.3, float32(math.NaN()), 0, 1}))
	target := tensor.New(tensor.WithShape(4), tensor.WithBacking([]int{1, 2, 0, 1}))
	for name, make := range map[string]func() Metric{
		"accuracy":    func() Metric { return Accuracy() },
		"top 2":       func() Metric { return TopK(2) },
		"confusion":   func() Metric { return ConfusionMatrix(3) },
		"calibration": func() Metric { return CalibrationError(5) },
	} {
		add := func(m Metric, y *tensor.Dense) {
			t.Helper()
			if err := m.Add(y, target); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		whole, first, second := make(), make(), make()
		add(whole, y)
		add(first, y)
		b, err := first.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		saved := second.(encoding.BinaryUnmarshaler)
		if err := saved.UnmarshalBinary(b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := saved.UnmarshalBinary(b[1:]); err == nil || !strings.Contains(err.Error(), "bytes, want") {
			t.Errorf("%s: got error %v for a state that is cut off", name, err)
		}
		other := y.Clone().(*tensor.Dense)
		other.Float32s()[0] = 7
		add(whole, other)
		add(second, other)
		if got, want := second.Value(), whole.Value(); math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if c, ok := second.(*Confusion); ok && c.String() != whole.(*Confusion).String() {
			t.Errorf("got\n%v,\nwant\n%v", c, whole)
		}
	}
}
