package train

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// Draws are of samples, and the same for all of them and for any number of draws, where
// the batch is the second axis of what dropout reads.
func TestMonteCarloWithTheBatchOnAnotherAxis(t *testing.T) {
	const n, steps, features = 4, 3, 6
	ones := slices.Repeat([]float32{1}, n*steps*features)
	data, err := Tensors(tensor.New(tensor.WithShape(n, steps, features), tensor.WithBacking(ones)),
		tensor.New(tensor.WithShape(n), tensor.WithBacking(make([]int, n))))
	if err != nil {
		t.Fatal(err)
	}
	for name, shape := range map[string][]int{"elements": {0, 0, 0}, "of all steps": {1, 0, 0}, "of all samples": {0, 1, 0}} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = regularize.Dropout(s.In("drop"), nodes.Transpose(x, 1, 0, 2), 0.5, regularize.NoiseShape(shape...))
			return nodes.Transpose(x, 1, 0, 2)
		}, graph.Shape{n, steps, features})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		// Of 0 and 2 with even odds the variance is 1. That of n draws is below it by a
		// squared deviation, 1/n on average with a standard deviation of √2/n.
		const draws = 300
		sum := 0.0
		variance := monteCarloOf(t, m, data, draws).Variance.Float32s()
		for _, v := range variance {
			sum += float64(v)
		}
		if mean := sum / float64(len(variance)); !(math.Abs(mean-1) < 0.02) {
			t.Errorf("%s: the mean variance is %v, want 1", name, mean)
		}
		some, more := membersOf(t, m, data, 3).Float32s(), membersOf(t, m, data, 5).Float32s()
		if !slices.Equal(some, more[:len(some)]) {
			t.Errorf("%s: the first draws of more are others", name)
		}
		const one = steps * features
		for k := one; k < len(some); k += one {
			if first := some[k-k%(n*one):][:one]; !slices.Equal(some[k:][:one], first) {
				t.Errorf("%s: sample %d of draw %d has other masks than the first", name, k/one%n, k/one/n)
			}
		}
	}
}
