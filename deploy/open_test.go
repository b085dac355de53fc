package deploy_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// A file alone predicts as the model does, with packed weights in place, and allocates
// nothing.
func TestOpenWithoutTheFunction(t *testing.T) {
	for _, c := range every[:len(every)-1] {
		m := c.build(t)
		p, err := deploy.Open(frozen(t, m))
		if err != nil {
			t.Errorf("%s: %+v", c.name, err)
			continue
		}
		if !p.InPlace() {
			t.Errorf("%s: packed anew", c.name)
		}
		for _, n := range []int{1, c.shape[0], 5} {
			x := c.input(n)
			want, got := predict(t, m, x), predict(t, p, x)
			size, off := 0.0, 0.0
			for i, v := range want.Float32s() {
				size, off = max(size, math.Abs(float64(v))), max(off, math.Abs(float64(v-got.Float32s()[i])))
			}
			if !slices.Equal(got.Shape(), want.Shape()) || off > 1e-5*size {
				t.Errorf("%s, batch size %d: shape %v, want %v; the largest difference is %.3g of %.3g", c.name, n, got.Shape(), want.Shape(), off, size)
			}
		}
		x, y := c.input(1).Float32s(), make([]float32, predict(t, m, c.input(1)).Shape().TotalSize())
		if n := testing.AllocsPerRun(20, func() { _ = p.PredictInto(y, x) }); n != 0 {
			t.Errorf("%s: a prediction allocates %v times", c.name, n)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What has no form in ONNX is frozen for its function, and the file says why.
func TestOpenNeedsTheFunction(t *testing.T) {
	c := model{name: "own", shape: graph.Shape{2, 4}, net: func(s *graph.Scope, x *graph.Node) *graph.Node {
		return s.In("mine").Apply(own{}, nodes.Linear(s.In("fc"), x, 3))
	}}
	m := c.build(t)
	path := frozen(t, m)
	_, err := deploy.Open(path)
	if err == nil || !strings.Contains(err.Error(), "mine: own: own has no form in ONNX") || !strings.Contains(err.Error(), "use deploy.OpenFunc") {
		t.Errorf("got %v", err)
	}
	p := open(t, path, c.net)
	if x := c.input(3); !slices.Equal(predict(t, p, x).Float32s(), predict(t, m, x).Float32s()) {
		t.Error("the file predicts other bits than the model")
	}
}

// own is an op of a user's.
type own struct{}

func (own) String() string                                     { return "own" }
func (own) InferShape(in ...graph.Shape) (graph.Shape, error)  { return in[0].Clone(), nil }
func (own) Forward(y *tensor.Dense, in ...*tensor.Dense) error { return tensor.Copy(y, in[0]) }

// Weights that predictions do not read stay in the file, and are no obstacle.
func TestOpenWithUnusedWeights(t *testing.T) {
	c := model{name: "unused", shape: graph.Shape{2, 4}, net: func(s *graph.Scope, x *graph.Node) *graph.Node {
		s.Param("unused", graph.Shape{3}, graph.Ones())
		x = regularize.Dropout(s.In("drop"), nodes.Linear(s.In("fc"), x, 3), 0.5)
		return nodes.BatchNorm1D(s.In("bn"), x, nodes.NoAffine())
	}}
	m := c.build(t)
	p, err := deploy.Open(frozen(t, m))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer p.Close()
	if x := c.input(3); !slices.Equal(predict(t, p, x).Float32s(), predict(t, m, x).Float32s()) {
		t.Error("the file predicts other bits than the model")
	}
}
