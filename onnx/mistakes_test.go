package onnx_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// own is an op of a user's that says nothing of ONNX.
type own struct{}

func (own) String() string                                     { return "Own{1}" }
func (own) InferShape(in ...graph.Shape) (graph.Shape, error)  { return in[0].Clone(), nil }
func (own) Forward(y *tensor.Dense, in ...*tensor.Dense) error { return tensor.Copy(y, in[0]) }

func TestMistakes(t *testing.T) {
	ours := func(s *scope, x *node) *node { return nodes.Linear(s.In("fc"), x, 2) }
	for _, c := range []struct {
		name string
		net  graph.Func
		opts []onnx.Option
		want string
	}{
		{"an op of a user's", func(s *scope, x *node) *node { return s.In("mine").Apply(own{}, x) }, nil,
			"onnx.Write: mine: Own: Own{1} has no form in ONNX"},
		{"a stock operation", plain(func(x *node) *node {
			return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(in[0], 1) }, x)
		}), nil, "onnx.Write: Lift: the stock operation"},
		{"a drawn rate", func(s *scope, x *node) *node {
			return regularize.Dropout(s.In("drop"), x, 0.5, regularize.RandomRate(0))
		}, []onnx.Option{onnx.Training()}, "onnx.Write: drop: Dropout: RandomRate has no form in ONNX"},
		{"ghost batches", func(s *scope, x *node) *node { return nodes.BatchNorm1D(s.In("bn"), x, nodes.GhostBatch(3)) },
			[]onnx.Option{onnx.Training()}, "onnx.Write: bn: BatchNorm1D: GhostBatch has no form in ONNX"},
		{"a cumulative average", func(s *scope, x *node) *node { return nodes.BatchNorm1D(s.In("bn"), x, nodes.CumulativeAverage()) },
			[]onnx.Option{onnx.Training()}, "onnx.Write: bn: BatchNorm1D: CumulativeAverage has no form in ONNX"},
		{"recurrent dropout", func(s *scope, x *node) *node {
			return nodes.LSTM(s.In("lstm"), nodes.Reshape(x, 0, 2, -1), 3, nodes.RecurrentFactors(regularize.RecurrentDropout(0.5))).Output
		}, []onnx.Option{onnx.Training()}, "onnx.Write: lstm: LSTM: RecurrentFactors has no form in ONNX"},
		{"other nodes for other batches", func(s *scope, x *node) *node {
			if x.Dim(0) > 6 {
				x = nodes.ReLU(x)
			}
			return x
		}, nil, "onnx.Write: the model function declares 1 nodes for a batch of 6 and 2 for 12, want the same nodes for each batch size"},
		{"a size that is no multiple of the batch", func(s *scope, x *node) *node {
			return nodes.MaxPool1D(nodes.Reshape(x, 1, 1, -1), 7)
		}, nil, "want sizes that are fixed or grow in proportion to the batch"},
		{"a constant for the batch", func(s *scope, x *node) *node {
			return nodes.Embedding(s.In("words"), s.Ints(graph.Shape{2}, []int{0, x.Dim(0)}), 20, 2)
		}, nil, "a constant is another one for a batch of 12 than for 6"},
		{"two options that exclude each other", ours, []onnx.Option{onnx.Training(), onnx.FoldBatchNorm()}, "both Training and FoldBatchNorm are given"},
		{"no name", ours, []onnx.Option{onnx.Names("x", "")}, `Names are "x" and "", want two names`},
		{"the name of a weight", ours, []onnx.Option{onnx.Names("x", "fc.weight")}, `the name of the output is "fc.weight"`},
		{"the name of a weight, of the input", ours, []onnx.Option{onnx.Names("fc.weight", "y")}, `the name of the input is "fc.weight"`},
	} {
		m, err := graph.Build(c.net, graph.Shape{6, 6})
		if err != nil {
			t.Errorf("%s: %+v", c.name, err)
			continue
		}
		if err := onnx.Write(io.Discard, m, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestNothingToWrite(t *testing.T) {
	if err := onnx.Export(nil, filepath.Join(t.TempDir(), "nil.onnx")); err == nil {
		t.Error("a nil model was exported")
	}
	var none *onnx.File
	if none.Shape() != nil || none.Outputs() != nil {
		t.Error("a nil file has a shape or outputs")
	}
	if err := onnx.Write(io.Discard, &graph.Model{}); err == nil {
		t.Error("a model that was not built was written")
	}
	m := cases(t, nodeRows[0])[0].Model
	if err := onnx.Write(nil, m); err == nil {
		t.Error("a nil writer was written to")
	}
	if err := onnx.Export(m, filepath.Join(t.TempDir(), "none", "m.onnx")); err == nil || !strings.Contains(err.Error(), "m.onnx") {
		t.Errorf("got error %v for a folder that is not there, want one with the path", err)
	}
}

// A model that can't be exported leaves the file as it was.
func TestFileStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	m, err := graph.Build(func(s *scope, x *node) *node { return s.Apply(own{}, x) }, flat)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnx.Export(m, path); err == nil {
		t.Error("an op without a form was exported")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("the file holds %q (%v), want what was there", got, err)
	}
}
