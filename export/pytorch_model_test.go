package export_test

import (
	"fmt"
	"log"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/gorgonia"
)

// sequence has the weights of nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).
func sequence(s *graph.Scope, x *graph.Node) *graph.Node {
	w := s.In("0").Param("weight", graph.Shape{3, 2}, graph.Zeros())
	s.In("0").Param("bias", graph.Shape{3}, graph.Zeros())
	norm := s.In("1")
	for _, name := range []string{"weight", "bias"} {
		norm.Param(name, graph.Shape{3}, graph.Zeros())
	}
	for _, name := range []string{"running_mean", "running_var"} {
		norm.State(name, graph.Shape{3}, graph.Zeros())
	}
	norm.Counter("num_batches_tracked")
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Mul(in[0], in[1])
	}, x, w)
}

func TestLoadPyTorch(t *testing.T) {
	path := filepath.Join("testdata", "pytorch", "checkpoint.pt")
	m := build(t, sequence)
	before := values(m)
	err := export.LoadPyTorch(m, path)
	if err == nil || !reflect.DeepEqual(values(m), before) {
		t.Fatalf("without Under: got error %v, want one, and the weights as they were", err)
	}
	if want := `see export.Under("model.")`; !reflect.DeepEqual(err.Error()[len(err.Error())-len(want):], want) {
		t.Errorf("without Under: got error %v, want a hint at %s", err, want)
	}
	if err := export.LoadPyTorch(m, path, export.Under("model.")); err != nil {
		t.Fatal(err)
	}
	got := values(m)
	if want := []float32{-0.75, -0.5, -0.25, 0, 0.25, 0.5}; !reflect.DeepEqual(got["0.weight"], want) {
		t.Errorf("0.weight is %v, want %v", got["0.weight"], want)
	}
	if got["1.num_batches_tracked"] != int64(1) {
		t.Errorf("the counter is %v, want 1", got["1.num_batches_tracked"])
	}
}

func ExampleLoadPyTorch() {
	m, err := graph.Build(sequence, graph.Shape{3, 3})
	if err != nil {
		log.Fatal(err)
	}
	// Saved by torch.save({"model": net.state_dict(), "optimizer": ..., "epoch": 3}, path).
	path := filepath.Join("testdata", "pytorch", "checkpoint.pt")
	if err := export.LoadPyTorch(m, path, export.Under("model.")); err != nil {
		log.Fatal(err)
	}
	w := m.Weights()[0]
	fmt.Println(w.Name, w.Value.Shape(), w.Value.Data())
	// Output: 0.weight (3, 2) [-0.75 -0.5 -0.25 0 0.25 0.5]
}

func ExampleReadPyTorch() {
	ts, err := export.ReadPyTorch(filepath.Join("testdata", "pytorch", "single.pt"))
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range ts {
		fmt.Println(t.Name, t.Value.Dtype(), t.Value.Shape())
	}

	_, err = export.ReadPyTorch(filepath.Join("testdata", "pytorch", "module.pt"))
	fmt.Println(err)
	// Output:
	// F32 float32 (2, 3, 4)
	// testdata/pytorch/module.pt: data.pkl: byte 2: refuses "torch.nn.modules.linear.Linear": only tensors are read; of a model, save its state_dict()
}
