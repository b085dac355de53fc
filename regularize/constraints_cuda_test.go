package regularize_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// still is a solver that leaves all parameters as they are.
type still struct{}

func (still) Step([]gorgonia.ValueGrad) error             { return nil }
func (still) StepOn(*cuda.Stream, []cuda.Parameter) error { return nil }

// Each weight is projected by kernels where a constraint has them and on the host where it
// hasn't, in order, and its copy on the host is the newest one.
func TestConstraintsOnCUDA(t *testing.T) {
	rules := map[string]func(s *graph.Scope){
		"max norm":  func(s *graph.Scope) { regularize.MaxNorm(s, 0.5) },
		"far":       func(s *graph.Scope) { regularize.MaxNorm(s, 100) },
		"unit norm": func(s *graph.Scope) { regularize.UnitNorm(s) },
		"host": func(s *graph.Scope) {
			regularize.MaxNorm(s, 0.5)
			s.Constrain(func(w *tensor.Dense) error {
				for i := range w.Float32s() {
					w.Float32s()[i] += 1
				}
				return nil
			})
			regularize.UnitNorm(s.In("fc"))
		},
	}
	for name, rule := range rules {
		for _, width := range []int{1, 7, 40, 1000} {
			f := func(s *graph.Scope, x *graph.Node) *graph.Node {
				rule(s)
				s.In("fc").Param("weight", graph.Shape{5, width}, graph.Normal(0, 1))
				s.In("conv").Param("weight", graph.Shape{3, 2, width}, graph.Normal(0, 0.1))
				return nodes.Linear(s.In("out"), x, 5)
			}
			there := onCUDA(t, f, graph.Shape{2, 5}, graph.Seed(seed))
			here := build(t, f, graph.Shape{2, 5}, graph.Seed(seed))
			for _, m := range []*graph.Model{there, here} {
				tr := m.Trainer(nodes.MSE())
				x := tensor.New(tensor.WithShape(2, 5), tensor.Of(tensor.Float32))
				for range 2 {
					if _, err := tr.Step(x, x); err != nil {
						t.Fatalf("%+v", err)
					}
					if err := tr.Update(still{}); err != nil {
						t.Fatalf("%+v", err)
					}
				}
			}
			for i, w := range there.Weights() {
				for k, want := range here.Weights()[i].Value.Float32s() {
					// The factor may be rounded otherwise, once in each step.
					if got := w.Value.Float32s()[k]; math.Abs(float64(got-want)) > 1e-6*math.Abs(float64(want)) {
						t.Fatalf("%s: element %d is %v, want %v", fmt.Sprint(name, " of ", w.Name), k, got, want)
					}
				}
			}
		}
	}
}
