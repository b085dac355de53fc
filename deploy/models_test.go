package deploy_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

type model struct {
	name  string
	net   graph.Func
	shape graph.Shape
	words int // the input is words
}

// every has models of all kinds of layers, small ones.
var every = []model{
	{name: "MLP", net: models.MLP(10, models.Hidden(20, 30)), shape: graph.Shape{2, 1, 8, 8}},
	{name: "LeNet5", net: models.LeNet5(10), shape: graph.Shape{8, 1, 28, 28}},
	{name: "ClassicCNN", net: models.ClassicCNN(10), shape: graph.Shape{8, 1, 28, 28}},
	{name: "CIFARResNet", net: models.CIFARResNet(8, 10), shape: graph.Shape{8, 3, 16, 16}},
	{name: "ResNet 18", net: models.ResNet(18, 10, models.Channels(4, 6, 8, 8)), shape: graph.Shape{2, 3, 32, 32}},
	{name: "LSTMClassifier", net: models.LSTMClassifier(10, models.Hidden(12, 8), models.Bidirectional(), models.Padded(0)), shape: graph.Shape{2, 7, 5}},
	{name: "AWDLSTM", net: models.AWDLSTM(50, models.EmbeddingSize(12), models.Hidden(16, 16)), shape: graph.Shape{2, 9}, words: 50},
	{name: "UNet", net: models.UNet(3, models.Channels(4, 6, 8)), shape: graph.Shape{2, 1, 16, 16}},
	{name: "SeriesCNN", net: models.SeriesCNN(10, models.Channels(4, 6)), shape: graph.Shape{2, 3, 32}},
	{name: "depthwise, with noise in predictions", net: noisy, shape: graph.Shape{2, 8, 9, 9}},
}

func noisy(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("depthwise"), x, 8, 3, nodes.Pad(1), nodes.Groups(8))
	x = nodes.SiLU(nodes.GroupNorm(s.In("norm"), x, 2))
	x = regularize.Dropout(s.In("drop").InMode(graph.MonteCarlo), x, 0.5)
	return nodes.Linear(s.In("fc"), nodes.LayerNorm(s.In("ln"), nodes.Flatten(x)), 7)
}

// build makes a model whose weights, and running statistics, are not its first ones.
func (c model) build(t testing.TB, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(c.net, c.shape, append(opts, graph.Seed(7))...)
	if err != nil {
		t.Fatalf("%s: %+v", c.name, err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, w := range m.Weights() {
		if w.Value.Dtype() == tensor.Float32 {
			for i := range w.Value.Float32s() {
				w.Value.Float32s()[i] += float32(0.2 * r.Float64()) // variances stay positive
			}
		}
	}
	return m
}

func (c model) input(n int) *tensor.Dense {
	shape := c.shape.Clone()
	shape[0] = n
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	r := rand.New(rand.NewPCG(uint64(n), 3))
	for i := range x.Float32s() {
		if x.Float32s()[i] = float32(r.NormFloat64()); c.words > 0 {
			x.Float32s()[i] = float32(r.IntN(c.words))
		}
	}
	return x
}

// frozen writes m to a file of its own.
func frozen(t testing.TB, m *graph.Model, opts ...deploy.FreezeOption) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.thinnet")
	if err := deploy.Freeze(m, path, opts...); err != nil {
		t.Fatalf("%+v", err)
	}
	return path
}

func open(t testing.TB, path string, net graph.Func) *deploy.Predictor {
	t.Helper()
	p, err := deploy.OpenFunc(path, net)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func predict(t testing.TB, m interface {
	Predict(*tensor.Dense) (*tensor.Dense, error)
}, x *tensor.Dense) *tensor.Dense {
	t.Helper()
	y, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return y
}

// A file predicts the bits of the model, for batch sizes that it was packed for and for
// others.
func TestPredictsAsTheModelDoes(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range every {
			m := c.build(t)
			p := open(t, frozen(t, m), c.net)
			if !p.InPlace() {
				t.Errorf("%s: packed anew", c.name)
			}
			for _, n := range []int{1, c.shape[0], 5} {
				x := c.input(n)
				want, got := predict(t, m, x), predict(t, p, x)
				if !slices.Equal(got.Float32s(), want.Float32s()) || !slices.Equal(got.Shape(), want.Shape()) {
					t.Errorf("%s, batch size %d: the file predicts other bits than the model", c.name, n)
				}
				into := make([]float32, len(want.Float32s()))
				if err := p.PredictInto(into, x.Float32s()); err != nil || !slices.Equal(into, want.Float32s()) {
					t.Errorf("%s, batch size %d: PredictInto gives other bits than the model, %v", c.name, n, err)
				}
			}
		}
	})
}

// Files of one level of instructions predict at every other one, with the bits of a model
// there.
func TestAnotherLevel(t *testing.T) {
	c := every[3]
	best := cpu.Get()
	if best == cpu.Go {
		t.Skip("this machine has one level")
	}
	m := c.build(t)
	path := frozen(t, m)
	defer cpu.Set(cpu.Set(cpu.Go))
	m = c.build(t)
	p := open(t, path, c.net)
	if p.InPlace() {
		t.Errorf("weights packed for %v count as packed for %v", best, cpu.Go)
	}
	if x := c.input(3); !slices.Equal(predict(t, p, x).Float32s(), predict(t, m, x).Float32s()) {
		t.Error("the file predicts other bits than the model")
	}
}

func TestFloat64AndDirectConvolution(t *testing.T) {
	for name, opts := range map[string][]graph.Option{
		"float64": {graph.Float64()}, "direct": {graph.DirectConvolution()}, "both": {graph.DirectConvolution(), graph.Float64()},
	} {
		c := every[3]
		m := c.build(t, opts...)
		p := open(t, frozen(t, m), c.net)
		x := c.input(8)
		if want, got := predict(t, m, x), predict(t, p, x); got.Dtype() != m.Dtype() || !got.Eq(want) {
			t.Errorf("%s: the file predicts otherwise than the model", name)
		}
	}
}
