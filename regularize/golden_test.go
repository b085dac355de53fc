package regularize_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// A golden is what PyTorch computes for a dropout without chance: with p of 0
// and 1, and in evaluation. See testdata/golden/README.md.
type golden struct {
	Name, Node, Mode string
	Args             struct{ P float64 }
	Inputs, DInputs  []goldenTensor
	Output, DY       goldenTensor
}

type goldenTensor struct {
	Shape graph.Shape
	Data  []float64
}

func TestGolden(t *testing.T) {
	text, err := os.ReadFile("../testdata/golden/nodes.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	checked := map[string]int{}
	for _, text := range file.Cases {
		var name struct{ Node string }
		if err := json.Unmarshal(text, &name); err != nil {
			t.Fatal(err)
		}
		if name.Node != "Dropout" && name.Node != "Dropout2D" {
			continue // its arguments may be of any kind
		}
		var g golden
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		checked[g.Node]++
		t.Run(g.Name, g.check)
	}
	if checked["Dropout"] == 0 || checked["Dropout2D"] == 0 {
		t.Errorf("got %v cases, want some of Dropout and Dropout2D", checked)
	}
}

func (g golden) check(t *testing.T) {
	drop := func(s *graph.Scope, x *graph.Node) *graph.Node {
		if g.Node == "Dropout2D" {
			return regularize.SpatialDropout2D(s.In("drop"), x, g.Args.P)
		}
		return regularize.Dropout(s.In("drop"), x, g.Args.P)
	}
	mode := map[string]graph.Mode{"train": graph.Train, "eval": graph.Eval}[g.Mode]
	x := g.Inputs[0]
	y, dx := try(t, drop, x.Shape, x.Data, graph.InMode(mode)).at(t, 0, g.DY.Data)
	wantClose(t, "output", y, g.Output.Data, 0)
	wantClose(t, "dinputs", dx, g.DInputs[0].Data, 0)
}
