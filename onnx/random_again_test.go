package onnx_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/onnx"
	"gorgonia.org/tensor"
)

// Random graphs that were loaded and exported compute in ONNX Runtime what they did, for
// batches of other sizes too.
func TestRandomGraphsAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	dir, refused := t.TempDir(), 0
	var jobs []onnxtest.Job
	var of []*randomGraph
	from := number("THINNET_GRAPHS_FROM", 0)
	for seed := from; seed < from+number("THINNET_GRAPHS", 200); seed++ {
		g := newRandomGraph(uint64(seed))
		if g.loaded == nil {
			continue
		}
		path := filepath.Join(dir, fmt.Sprint(seed, ".onnx"))
		if err := onnx.Export(g.loaded, path); err != nil {
			refused++
			t.Logf("%v: %v", g, err)
			continue
		}
		for _, batch := range []int{g.shape[0], 1, 5} {
			jobs = append(jobs, onnxtest.Job{Model: path, Inputs: map[string]*tensor.Dense{"input": g.input(batch)}, AsWritten: true})
			of = append(of, g)
		}
	}
	for i, r := range onnxtest.Run(t, jobs) {
		g, x := of[i], jobs[i].Inputs["input"]
		want, err := g.predict(x)
		if err != nil {
			continue // it can't be loaded for that batch
		}
		if r.Err != nil {
			t.Errorf("%v, batch %d: ONNX Runtime says %v", g, x.Shape()[0], r.Err)
			continue
		}
		got := r.Outputs["output"]
		if !slices.Equal(got.Shape, want.Shape()) {
			t.Errorf("%v, batch %d: the output has shape %v, want %v", g, x.Shape()[0], got.Shape, want.Shape())
			continue
		}
		if off, size := apart(graph.Data[float32](want), got.Values); !(off <= 5e-5*size) {
			t.Errorf("%v, batch %d: the outputs are off by %.3g, of up to %.3g", g, x.Shape()[0], off, size)
		}
	}
	t.Logf("%d can't be exported", refused)
}
