package regularize

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// Channels-last memory changes where an element lies, and not what is drawn for it.
func TestNoiseOnChannelsLastMemory(t *testing.T) {
	x := graph.Shape{3, 5, 4, 7}
	const n, c, s = 3, 5, 28
	step := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{11}))
	data := make([]float32, n*c*s)
	for i := range data {
		data[i] = float32(i%31) - 7
	}
	key := philox.KeyOf(1, "drop")
	b := bernoulli{key, rate{p: 0.4}, selfNormal}
	cells := func(shape graph.Shape) *tensor.Dense {
		k := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
		kernel.MaskCells(b.at(step), k.Float32s())
		return k
	}
	for name, test := range map[string]struct {
		op     graph.ChannelsLast
		images int // of the inputs, the first ones
		others []*tensor.Dense
	}{
		"alpha":           {alphaDropout{b}, 1, []*tensor.Dense{step}},
		"alpha of maps":   {alphaMasked{b}, 1, []*tensor.Dense{cells(graph.Shape{3, 5, 1, 1}), step}},
		"alpha of places": {alphaMasked{b}, 1, []*tensor.Dense{cells(graph.Shape{3, 1, 4, 7}), step}},
		"normal factors":  {gaussianDropout{key, rate{p: 0.4}}, 1, []*tensor.Dense{step}},
		"normal terms":    {gaussianNoise{key, 0.4}, 1, []*tensor.Dense{step}},
		"swapout":         {swapout{b, bernoulli{philox.KeyOf(2, "drop"), rate{p: 0.7}, unscaled}}, 2, []*tensor.Dense{step}},
		"means":           {weighted{0.3, 0.6}, 2, nil},
		"scaled":          {scaled{0.3}, 1, nil},
	} {
		dense := func(data []float32) *tensor.Dense {
			return tensor.New(tensor.WithShape(x...), tensor.WithBacking(data))
		}
		var in, inLast []*tensor.Dense
		var shapes []graph.Shape
		for i := range test.images {
			image, last := slices.Clone(data), make([]float32, len(data))
			for e := range image {
				image[e] += float32(100 * i)
			}
			kernel.ToLast(last, image, n, c, s)
			in, inLast, shapes = append(in, dense(image)), append(inLast, dense(last)), append(shapes, x)
		}
		for _, d := range test.others {
			in, inLast, shapes = append(in, d), append(inLast, d), append(shapes, d.Shape())
		}
		to := test.op.ChannelsLast(shapes...)
		if to.Op == nil || len(to.In) != len(in) {
			t.Errorf("%s: no way on channels-last memory for %d inputs: %v", name, len(in), to)
			continue
		}
		want, got, back := make([]float32, len(data)), make([]float32, len(data)), make([]float32, len(data))
		if err := test.op.Forward(dense(want), in...); err != nil {
			t.Fatal(err)
		}
		if err := to.Op.Forward(dense(got), inLast...); err != nil {
			t.Fatal(err)
		}
		kernel.ToFirst(back, got, n, c, s)
		if !slices.Equal(back, want) {
			t.Errorf("%s: other values on channels-last memory", name)
		}
	}
	for _, op := range []graph.ChannelsLast{alphaDropout{b}, gaussianDropout{}, gaussianNoise{}, swapout{}} {
		if to := op.ChannelsLast(graph.Shape{3, 5}, graph.Shape{1}, graph.Shape{1}); to.Op != nil {
			t.Errorf("%T: a matrix has no channels-last memory", op)
		}
	}
}
