package train

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// Dropout of half of N(0, 1) before a norm: training stores a variance of 2, and the
// output of a prediction has one of 1/2 until the norm is calibrated.
func TestRecalibrateUndoesVarianceShift(t *testing.T) {
	const n = 4000
	ctx, ds := context.Background(), normals(t, n)
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		s.Param("unused", graph.Shape{1, 1}, graph.Ones())
		regularize.L2(s, 0) // a step wants a parameter that the loss depends on
		x = regularize.Dropout(s.In("drop"), x, 0.5)
		return nodes.BatchNorm1D(s.In("bn"), x, nodes.CumulativeAverage())
	}, graph.Shape{100, 2}, graph.Seed(3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Fit(ctx, m, ds, nodes.MSE(), SGD(0), ReportTo(nil)); err != nil {
		t.Fatal(err)
	}
	variance := func() (running, output float64) {
		t.Helper()
		for _, w := range m.Weights() {
			if w.Name == "bn.running_var" {
				running = float64(w.Value.Float32s()[0])
			}
		}
		y, err := Predict(ctx, m, ds)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(y.Float32s()); i += 2 {
			output += float64(y.Float32s()[i]) * float64(y.Float32s()[i]) / n
		}
		return running, output
	}
	running, output := variance()
	// Of the product of a normal number and 0 or 2: Var(x²k²) = 8·3 - 4 = 20.
	wantNear(t, "stored variance", running, 2, 4*math.Sqrt(20./n))
	wantNear(t, "variance of predictions", output, 0.5, 4*math.Sqrt(20./n)/4+4*math.Sqrt(2./n)/2)
	if err := RecalibrateBatchNorm(ctx, m, ds); err != nil {
		t.Fatal(err)
	}
	running, output = variance()
	wantNear(t, "calibrated variance", running, 1, 4*math.Sqrt(2./n))
	wantNear(t, "variance of predictions", output, 1, 2e-3) // biased, and a mean near 0
	if !slices.ContainsFunc(m.Weights(), func(w graph.Weight) bool {
		return w.Name == "bn.num_batches_tracked" && w.Value.Int64s()[0] == n/100
	}) {
		t.Errorf("want %d batches tracked", n/100)
	}
}

// normals are pairs of standard normal numbers with a target of the same shape.
func normals(t *testing.T, n int) Dataset {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	v := make([]float32, 2*n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	ds, err := Tensors(tensorOf(v, n, 2), tensorOf(make([]float32, 2*n), n, 2))
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func TestRecalibrateMistakes(t *testing.T) {
	ctx, m := context.Background(), plane(t)
	wantError(t, RecalibrateBatchNorm(ctx, nil, twoClasses(t, 4)), "train.RecalibrateBatchNorm: the model is nil")
	wantError(t, RecalibrateBatchNorm(ctx, m, nil), "data set is nil")
	wantError(t, RecalibrateBatchNorm(ctx, m, twoClasses(t, 17)), "train.RecalibrateBatchNorm: batch 2 of 2: bn: BatchNorm1D: expected more than 1 value per channel in calibrate mode")
	wantError(t, RecalibrateBatchNorm(ctx, built(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return x }, 4), twoClasses(t, 4)), "no running statistics")
	wantError(t, RecalibrateBatchNorm(ctx, m, twoClasses(t, 17), Prefetch(-1)), "Prefetch is -1")
	stopped, stop := context.WithCancel(ctx)
	stop()
	wantError(t, RecalibrateBatchNorm(stopped, m, twoClasses(t, 32)), "context canceled")
	if err := RecalibrateBatchNorm(ctx, m, twoClasses(t, 17), DropLast(), nil); err != nil {
		t.Error(err)
	}
}
