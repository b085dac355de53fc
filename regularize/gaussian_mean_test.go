package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// The normal numbers of an evaluation are those of all others, at whatever step.
func TestGaussianMeanAtAnyStep(t *testing.T) {
	relu := regularize.Activation(func(u *graph.Node) *graph.Node { return nodes.ReLU(u) })
	tr := try(t, dropConnectLinear(2, 0.5, regularize.GaussianMean(3), relu), graph.Shape{1, 2}, []float64{1, -2}, graph.InMode(graph.Eval))
	y, _ := tr.at(t, 0, constant(1, 2))
	later, _ := tr.at(t, 7, constant(1, 2))
	wantClose(t, "at step 7", later, y, 0)
}
