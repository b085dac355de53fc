package thinnet

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// wantClose reports the worst element of got that differs from want by more than
// abs + rel·|want|.
func wantClose(t *testing.T, what string, got, want []float64, abs, rel float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d elements, want %d", what, len(got), len(want))
		return
	}
	worst, beyond := -1, 0.0
	for i, w := range want {
		off := math.Abs(got[i]-w) - (abs + rel*math.Abs(w))
		if !(off <= beyond) { // this way round, NaN is wrong too
			worst, beyond = i, off
		}
	}
	if worst >= 0 {
		w := want[worst]
		t.Errorf("%s: element %d of %d: got %.17g, want %.17g, tolerance %.2g", what, worst, len(want), got[worst], w, abs+rel*math.Abs(w))
	}
}

// floats returns the elements of a tensor or scalar of any type that a weight has.
func floats(t *testing.T, v gorgonia.Value) []float64 {
	t.Helper()
	switch data := v.Data().(type) {
	case []float64:
		return data
	case []float32:
		return widened(data)
	case []int64:
		return widened(data)
	case float64:
		return []float64{data}
	case int64:
		return []float64{float64(data)}
	default:
		t.Fatalf("a value is %T, want float64, float32 or int64", data)
		return nil
	}
}

func widened[T float32 | int64](data []T) []float64 {
	out := make([]float64, len(data))
	for i, v := range data {
		out[i] = float64(v)
	}
	return out
}

// normal returns a tensor of float64 from the standard normal distribution.
func normal(seed uint64, shape ...int) *tensor.Dense {
	r := rand.New(rand.NewPCG(seed, 0))
	data := make([]float64, graph.Shape(shape).TotalSize())
	for i := range data {
		data[i] = r.NormFloat64()
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func build(t *testing.T, f graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(f, shape, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}
