package onnx_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/onnx"
)

// What was loaded can be exported and loaded again, and once more: predictions stay, and so
// do the names of the parameters.
func TestExportWhatWasLoaded(t *testing.T) {
	for _, c := range append(trained(t), cases(t, append(nodeRows, predictionRows...)...)...) {
		x := input(c, max(3, c.Least))
		want, err := c.Model.Predict(x)
		if err != nil {
			t.Fatalf("%s: %+v", c.Name, err)
		}
		m := c.Model
		for round := 1; round <= 3; round++ {
			next, err := again(m, c)
			if err != nil {
				t.Errorf("%s, round %d: %v", c.Name, round, err)
				break
			}
			m = next
			got, err := m.Predict(x)
			if err != nil {
				t.Errorf("%s, round %d: %v", c.Name, round, err)
				break
			}
			wide := make([]float64, 0, got.Shape().TotalSize())
			for _, v := range graph.Data[float32](want) {
				wide = append(wide, float64(v))
			}
			if off, size := apart(graph.Data[float32](got), wide); !slices.Equal(got.Shape(), want.Shape()) || !(off <= 1e-5*size) {
				t.Errorf("%s, round %d: the output has shape %v, want %v, and is off by %.3g, of up to %.3g", c.Name, round, got.Shape(), want.Shape(), off, size)
			}
			if got, want := parameters(m), parameters(c.Model); !slices.Equal(got, want) {
				t.Errorf("%s, round %d: the parameters are %q, want %q", c.Name, round, got, want)
			}
		}
	}
}

func again(m *graph.Model, c onnxtest.Case) (*graph.Model, error) {
	var file bytes.Buffer
	if err := onnx.Write(&file, m); err != nil {
		return nil, err
	}
	f, err := onnx.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return nil, err
	}
	shape := f.Shape()
	shape[0] = max(2, c.Least)
	return graph.Build(f.Declare, shape)
}

// A number of a node that depends on the batch can't be written: it would be that of one
// batch size.
func TestNumbersOfTheBatch(t *testing.T) {
	g := emptyGraph(rand.New(rand.NewPCG(1, 2)), 17, 2, 3)
	g.node("Div", nil, "x", g.cast(g.node("Size", nil, "x"), 1))
	m, err := g.load()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	err = onnx.Write(io.Discard, m)
	g = emptyGraph(rand.New(rand.NewPCG(1, 2)), 17, 2, 3, 5)
	g.node("InstanceNormalization", nil, g.node("Transpose", attrs{"perm": []int{2, 1, 0}}, "x"), g.weight(3), g.weight(3))
	norm, wrong := g.load()
	if wrong != nil {
		t.Fatalf("%+v", wrong)
	}
	wrong = onnx.Write(io.Discard, norm)
	if want := "a norm of axes whose sizes depend on the batch has no form in ONNX"; wrong == nil || !strings.Contains(wrong.Error(), want) {
		t.Errorf("got %v, want %q", wrong, want)
	}
	if want := "Div{6} for a batch of 2 and Div{12} for 4, want numbers that don't depend on its size"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
