package nodes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// FuzzInferShape applies every node to inputs of any shape with any attributes,
// mostly wrong ones. It may refuse them, but must not panic, and what it
// promises must be what it computes.
func FuzzInferShape(f *testing.F) {
	for op := range byte(layers) {
		f.Add(op, []byte{2, 4, 5, 6}, []byte{4, 3, 1, 1, 1, 1, 2, 2})
		f.Add(op, []byte{3, 4}, []byte{2, 1})
		f.Add(op, []byte{1, 2, 7}, []byte{8, 2, 3, 0, 255, 255, 0, 1, 9})
		f.Add(op, []byte{1, 4, 3, 3, 2}, []byte{6, 2, 1, 1, 1, 2, 2, 1})
	}
	f.Fuzz(func(t *testing.T, op byte, shape, numbers []byte) {
		x := graph.Shape{}
		for _, d := range shape[:min(len(shape), 6)] {
			x = append(x, int(d)%9)
		}
		if len(x) == 0 || x.TotalSize() > 1<<12 {
			return
		}
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return layer(s, x, op, &arguments{numbers})
		}, x)
		if err != nil {
			if strings.Contains(err.Error(), "panic") {
				t.Errorf("layer %d of %v with %v: %+v", op, x, numbers, err)
			}
			return
		}
		y, err := m.Predict(tensor.New(tensor.WithShape(x...), tensor.Of(tensor.Float32)))
		if err != nil {
			t.Errorf("layer %d of %v with %v: %+v", op, x, numbers, err)
		} else if !slices.Equal(y.Shape(), m.OutputShape()) {
			t.Errorf("layer %d of %v with %v: got shape %v, want %v", op, x, numbers, y.Shape(), m.OutputShape())
		}
	})
}

// arguments reads small numbers, also negative ones, and now and then a huge
// one.
type arguments struct{ left []byte }

func (a *arguments) next() int {
	if len(a.left) == 0 {
		return 1
	}
	v := int(int8(a.left[0]))
	a.left = a.left[1:]
	switch {
	case v == 127:
		return 1 << 62
	case v == -128:
		return -1 << 63
	}
	return v % 12
}

// several returns up to five numbers.
func (a *arguments) several() []int {
	var out []int
	for range min(a.next(), 5) {
		out = append(out, a.next())
	}
	return out
}

// options returns up to four options, those of all layers being the same.
func options[O any](a *arguments, all ...func() O) []O {
	var out []O
	for range min(a.next(), 4) {
		k := a.next()
		if k >= 0 && k < len(all) {
			out = append(out, all[k]())
		}
	}
	return out
}

const layers = 19

func layer(s *graph.Scope, x *graph.Node, op byte, a *arguments) *graph.Node {
	convOptions := func() []nodes.ConvOption {
		return options(a,
			func() nodes.ConvOption { return nodes.Stride(a.several()...) },
			func() nodes.ConvOption { return nodes.Pad(a.several()...) },
			func() nodes.ConvOption { return nodes.Dilation(a.several()...) },
			func() nodes.ConvOption { return nodes.KernelSize(allBounded(a.several())...) },
			func() nodes.ConvOption { return nodes.Groups(a.next()) },
			func() nodes.ConvOption { return nodes.Same() },
			func() nodes.ConvOption { return nodes.NoBias() })
	}
	maxOptions := func() []nodes.MaxPoolOption {
		return options(a,
			func() nodes.MaxPoolOption { return nodes.Stride(a.several()...) },
			func() nodes.MaxPoolOption { return nodes.Pad(a.several()...) },
			func() nodes.MaxPoolOption { return nodes.Dilation(a.several()...) },
			func() nodes.MaxPoolOption { return nodes.KernelSize(a.several()...) },
			func() nodes.MaxPoolOption { return nodes.CeilMode() })
	}
	avgOptions := func() []nodes.AvgPoolOption {
		return options(a,
			func() nodes.AvgPoolOption { return nodes.Stride(a.several()...) },
			func() nodes.AvgPoolOption { return nodes.Pad(a.several()...) },
			func() nodes.AvgPoolOption { return nodes.KernelSize(a.several()...) },
			func() nodes.AvgPoolOption { return nodes.CeilMode() },
			func() nodes.AvgPoolOption { return nodes.CountIncludePad(false) })
	}
	// A second operand of another shape.
	other := func() *graph.Node { return nodes.Reshape(x, a.several()...) }
	switch op % layers {
	case 0:
		return nodes.Linear(s, x, bounded(a.next()))
	case 1:
		return nodes.Conv1D(s, x, bounded(a.next()), bounded(a.next()), convOptions()...)
	case 2:
		return nodes.Conv2D(s, x, bounded(a.next()), bounded(a.next()), convOptions()...)
	case 3:
		return nodes.Conv3D(s, x, bounded(a.next()), bounded(a.next()), convOptions()...)
	case 4:
		return nodes.ConvTranspose2D(s, x, bounded(a.next()), bounded(a.next()), options(a,
			func() nodes.ConvTransposeOption { return nodes.Stride(allBounded(a.several())...) },
			func() nodes.ConvTransposeOption { return nodes.Pad(a.several()...) },
			func() nodes.ConvTransposeOption { return nodes.OutputPad(a.several()...) },
			func() nodes.ConvTransposeOption { return nodes.Dilation(allBounded(a.several())...) },
			func() nodes.ConvTransposeOption { return nodes.KernelSize(allBounded(a.several())...) },
			func() nodes.ConvTransposeOption { return nodes.Groups(a.next()) })...)
	case 5:
		return nodes.MaxPool1D(x, a.next(), maxOptions()...)
	case 6:
		if weights := a.several(); len(weights) > 2 {
			return nodes.RankPool2D(x, a.next(), []float64{1, -2}, maxOptions()...)
		}
		return nodes.MaxPool2D(x, a.next(), maxOptions()...)
	case 7:
		return nodes.AvgPool1D(x, a.next(), avgOptions()...)
	case 8:
		return nodes.AvgPool2D(x, a.next(), avgOptions()...)
	case 9:
		return nodes.AdaptiveAvgPool2D(x, bounded(a.next()), bounded(a.next()))
	case 10:
		return nodes.GlobalAvgPool(x)
	case 11:
		return nodes.Flatten(x)
	case 12:
		return nodes.Reshape(x, a.several()...)
	case 13:
		return nodes.Transpose(x, a.several()...)
	case 14:
		return nodes.Concat(a.next(), x, other())
	case 15:
		return nodes.Add(x, other())
	case 16:
		return nodes.Mul(other(), x)
	case 17:
		return nodes.ZeroPad(x, a.next(), bounded(a.next()), bounded(a.next()))
	default:
		return nodes.Residual(s, x, func(*graph.Scope, *graph.Node) *graph.Node { return other() })
	}
}

// bounded keeps what decides about the size of weights and outputs within what
// memory holds.
func bounded(n int) int { return max(min(n, 20), -20) }

func allBounded(n []int) []int {
	for i := range n {
		n[i] = bounded(n[i])
	}
	return n
}
