package thinnet

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// An averagedRun is a case of average.json in testdata/golden: how PyTorch trained a network
// with an average of its parameters.
type averagedRun struct {
	groupedRun
	Decay *float64 // of an EMA
	First int      // epoch of SWA
}

func TestAveragesAsInPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/golden/average.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []averagedRun }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Error("average.json has no cases")
	}
	for _, c := range file.Cases {
		t.Run(c.Name+"/float64", func(t *testing.T) { c.check(t, trainedTolerance64, graph.Float64()) })
		t.Run(c.Name+"/float32", func(t *testing.T) { c.check(t, trainedTolerance32) })
	}
}

func (c averagedRun) check(t *testing.T, tolerance float64, opts ...graph.Option) {
	net := map[string]string{"ConvNet": "convnet_sgd", "MLP": "mlp_adam"}[c.Net]
	m := build(t, goldenNetworks[net], c.Inputs[0].Shape, opts...)
	c.start(t, m)
	data, err := train.Tensors(c.Inputs[0].dense(), c.Target.classes())
	if err != nil {
		t.Fatal(err)
	}
	how := train.SWA(c.First)
	if c.Decay != nil {
		how = train.EMA(*c.Decay)
	}
	h, err := train.Fit(t.Context(), m, data, nodes.CrossEntropy(), c.optimiser(t),
		train.Epochs(len(c.Losses)), train.Callbacks(how), train.ReportTo(nil))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var losses []float64
	for _, e := range h.Epochs {
		losses = append(losses, e.Loss)
	}
	wantClose(t, "losses", losses, c.Losses, tolerance, tolerance)
	for _, w := range m.Weights() {
		if !strings.HasSuffix(w.Name, "num_batches_tracked") {
			wantClose(t, w.Name, floats(t, w.Value), c.After[w.Name].Data, tolerance, tolerance)
		}
	}
	y, err := m.Predict(c.Inputs[0].dense())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	wantClose(t, "output in evaluation", floats(t, y), c.Output.Data, tolerance, tolerance)
}
