package regularize_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// goldenNets has, for each node of testdata/golden/regularize.json, how a case is
// built of its inputs; the path of what draws is that of the case.
var goldenNets = map[string]goldenNet{
	"Dropout": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []regularize.DropoutOption
		if noise := arg[[]int](g, "noise_shape"); noise != nil {
			opts = append(opts, regularize.NoiseShape(noise...))
		}
		if arg[bool](g, "classic") {
			opts = append(opts, regularize.Classic())
		}
		return regularize.Dropout(s.In("drop"), in[0], arg[float64](g, "p"), opts...)
	},
	"DropConnect":       goldenWeight(regularize.DropConnect),
	"DropFilter":        goldenWeight(regularize.DropFilter),
	"DropConnectLinear": goldenDropConnectLinear,
	"DropConnectConv1D": goldenDropConnectConv(regularize.DropConnectConv1D),
	"DropConnectConv2D": goldenDropConnectConv(regularize.DropConnectConv2D),
	"DropConnectConv3D": goldenDropConnectConv(regularize.DropConnectConv3D),
	"DropFilterR":       goldenDropConnectConv(regularize.DropFilterR),
	"EmbeddingDropout":  goldenWeight(regularize.EmbeddingDropout),
	"StochasticDepth": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []regularize.StochasticDepthOption
		if arg[bool](g, "row") {
			opts = append(opts, regularize.RowMode())
		}
		if arg[bool](g, "classic") {
			opts = append(opts, regularize.Classic())
		}
		return regularize.StochasticDepth(s.In("drop"), in[0], arg[float64](g, "p"), opts...)
	},
	"AlphaDropout": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []regularize.AlphaDropoutOption
		if noise := arg[[]int](g, "noise_shape"); noise != nil {
			opts = append(opts, regularize.NoiseShape(noise...))
		}
		return regularize.AlphaDropout(s.In("drop"), in[0], arg[float64](g, "p"), opts...)
	},
	"GaussianNoise": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		return regularize.GaussianNoise(s.In("drop"), in[0], arg[float64](g, "std"))
	},
	"Swapout": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		return regularize.Swapout(s.In("drop"), in[0], in[1], arg[float64](g, "skip"), arg[float64](g, "branch"))
	},
	"FeatureAlphaDropout": goldenShared(regularize.FeatureAlphaDropout),
	"GaussianDropout":     goldenShared(regularize.GaussianDropout),
	"ChannelDropout":      goldenShared(regularize.ChannelDropout),
	"LockedDropout":       goldenShared(regularize.LockedDropout),
	"SpatialDropout1D":    goldenShared(regularize.SpatialDropout1D),
	"SpatialDropout2D":    goldenShared(regularize.SpatialDropout2D),
	"SpatialDropout3D":    goldenShared(regularize.SpatialDropout3D),
}

func goldenShared(f func(*graph.Scope, *graph.Node, float64, ...regularize.Option) *graph.Node) goldenNet {
	return func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		return f(s.In("drop"), in[0], arg[float64](g, "p"))
	}
}

// A goldenNet applies the node of a case to its inputs.
type goldenNet func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node

// A drawn case is what PyTorch computes with masks drawn by testdata/golden/philox.py.
type drawn struct {
	Name, Node, Mode string
	Args             map[string]json.RawMessage
	Inputs, DInputs  []*drawnTensor
	Params, DParams  map[string]drawnTensor
	Output, DY       drawnTensor
	Seed, Step       uint64
}

type drawnTensor struct {
	Shape graph.Shape
	Dtype string // empty for float64
	Data  []float64
}

// arg returns an argument of a case, the zero value if it has none of that name.
func arg[T any](g drawn, name string) (v T) {
	if raw, ok := g.Args[name]; ok {
		if err := json.Unmarshal(raw, &v); err != nil {
			panic(err)
		}
	}
	return v
}

func TestGoldenMasks(t *testing.T) {
	text, err := os.ReadFile("../testdata/golden/regularize.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []drawn }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	left := maps.Clone(goldenNets)
	for _, g := range file.Cases {
		delete(left, g.Node)
		t.Run(g.Name, func(t *testing.T) {
			if strings.HasPrefix(g.Node, "Gaussian") { // ours come within 0.0004 of quantiles
				g.check(t, 5e-4, graph.Float64())
				g.check(t, 5e-4)
				return
			}
			g.check(t, 1e-9, graph.Float64())
			g.check(t, 1e-5) // float32: a last bit is 6e-8, and sums have some 100 terms
		})
	}
	for node := range left {
		t.Errorf("there is no golden case of %s", node)
	}
}

// check compares what a case computes; the tolerance is relative to the largest
// element.
func (g drawn) check(t *testing.T, tolerance float64, opts ...graph.Option) {
	t.Helper()
	m := build(t, func(s *graph.Scope, _ *graph.Node) *graph.Node {
		in := make([]*graph.Node, len(g.Inputs))
		for i, x := range g.Inputs {
			if x.Dtype != "" {
				ints := make([]int, len(x.Data))
				for k, v := range x.Data {
					ints[k] = int(v)
				}
				in[i] = s.Ints(x.Shape, ints)
				continue
			}
			in[i] = s.In("(in)").Param(strconv.Itoa(i), x.Shape, graph.Values(x.Data))
		}
		return goldenNets[g.Node](g, s, in...)
	}, graph.Shape{1, 1}, append(opts, graph.Seed(g.Seed))...)
	for _, w := range m.Weights() {
		if p, ok := g.Params[w.Name]; ok {
			setFloats(w.Value, p.Data)
		} else if !strings.HasPrefix(w.Name, "(in).") {
			t.Fatalf("the case has no value of %s", w.Name)
		}
	}
	m.SetStep(g.Step)
	dt := m.Weights()[0].Value.Dtype()
	tr := m.Trainer(dot, graph.InMode(map[string]graph.Mode{"train": graph.Train, "eval": graph.Eval}[g.Mode]))
	zero, dy := tensor.New(tensor.WithShape(1, 1), tensor.Of(dt)), tensor.New(tensor.WithShape(1, len(g.DY.Data)), tensor.Of(dt))
	setFloats(dy, g.DY.Data)
	r, err := tr.Step(zero, dy)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	g.compare(t, "output", r.Output, g.Output, tolerance)
	left := maps.Clone(g.DParams)
	for _, grad := range tr.Gradients() {
		want := g.DParams[grad.Name]
		delete(left, grad.Name)
		if name, input := strings.CutPrefix(grad.Name, "(in)."); input {
			i, err := strconv.Atoi(name)
			if err != nil {
				t.Fatal(err)
			}
			want = *g.DInputs[i]
		}
		g.compare(t, "gradient of "+grad.Name, grad.Value, want, tolerance)
	}
	if len(left) > 0 {
		t.Errorf("got no gradients of %v", slices.Sorted(maps.Keys(left)))
	}
}

func (g drawn) compare(t *testing.T, what string, got *tensor.Dense, want drawnTensor, tolerance float64) {
	t.Helper()
	if got == nil { // no gradient is one of 0
		got = tensor.New(tensor.WithShape(want.Shape...), tensor.Of(tensor.Float64))
	}
	if !slices.Equal(got.Shape(), want.Shape) {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape)
		return
	}
	largest := 1.0
	for _, w := range want.Data {
		largest = max(largest, math.Abs(w))
	}
	wantClose(t, what, floats(got), want.Data, tolerance*largest)
}

func setFloats(d *tensor.Dense, v []float64) {
	if d.Dtype() == tensor.Float64 {
		copy(d.Float64s(), v)
		return
	}
	for i := range v {
		d.Float32s()[i] = float32(v[i])
	}
}
