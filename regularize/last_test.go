package regularize

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// Channels-last memory changes where an element lies, and not whether it is
// dropped.
func TestMasksOnChannelsLastMemory(t *testing.T) {
	x := graph.Shape{3, 5, 4, 7}
	n, c, s := 3, 5, 28
	step := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{11}))
	data := make([]float32, n*c*s)
	for i := range data {
		data[i] = float32(i + 1)
	}
	key := philox.KeyOf(1, "drop")
	for name, c2 := range map[string]struct {
		op    graph.ChannelsLast
		noise graph.Shape
	}{
		"elements":     {dropout{bernoulli{key: key, rate: rate{p: 0.4}}}, nil},
		"maps":         {masked{}, graph.Shape{3, 5, 1, 1}},
		"channels":     {masked{}, graph.Shape{1, 5, 1, 1}},
		"samples":      {masked{}, graph.Shape{3, 1, 1, 1}},
		"places":       {masked{}, graph.Shape{3, 1, 4, 7}},
		"lines":        {masked{}, graph.Shape{1, 1, 4, 1}},
		"not possible": {masked{}, graph.Shape{3, 5, 4, 1}},
	} {
		second, shapes := step, []graph.Shape{x, {1}}
		if c2.noise != nil {
			k := make([]float32, c2.noise.TotalSize())
			kernel.MaskCells(kernel.NewMask(key, 11, 0.4), k)
			second = tensor.New(tensor.WithShape(c2.noise...), tensor.WithBacking(k))
			shapes[1] = c2.noise
		}
		to := c2.op.ChannelsLast(shapes...)
		if to.Op == nil {
			if name != "not possible" {
				t.Errorf("%s: no way on channels-last memory", name)
			}
			continue
		}
		dense := func(data []float32) *tensor.Dense {
			return tensor.New(tensor.WithShape(x...), tensor.WithBacking(data))
		}
		last, want, got, back := make([]float32, len(data)), make([]float32, len(data)), make([]float32, len(data)), make([]float32, len(data))
		kernel.ToLast(last, data, n, c, s)
		if err := c2.op.Forward(dense(want), dense(data), second); err != nil {
			t.Fatal(err)
		}
		if err := to.Op.Forward(dense(got), dense(last), second); err != nil {
			t.Fatal(err)
		}
		kernel.ToFirst(back, got, n, c, s)
		if !slices.Equal(back, want) {
			t.Errorf("%s: other elements are dropped on channels-last memory", name)
		}
	}
	if to := (dropout{bernoulli{key: key, rate: rate{p: 0.4}}}).ChannelsLast(graph.Shape{3, 5}, graph.Shape{1}); to.Op != nil {
		t.Error("a matrix has no channels-last memory")
	}
}
