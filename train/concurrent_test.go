package train

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/nodes"
)

// All that can be done with one model, at once. Run with -race.
func TestOneModelInManyHands(t *testing.T) {
	m, ds, ctx, loss := plane(t), twoClasses(t, 50), context.Background(), nodes.CrossEntropy()
	x, c, err := ds.Batch([]int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := export.SaveSafetensors(m, path); err != nil {
		t.Fatal(err)
	}
	var hands sync.WaitGroup
	for k := range 2 {
		for name, do := range map[string]func() error{
			"predict":     func() error { _, err := m.Predict(x); return err },
			"sample":      func() error { _, err := m.Sample(x, 1); return err },
			"evaluate":    func() error { _, err := Evaluate(ctx, m, ds, loss, nodes.Accuracy()); return err },
			"monte carlo": func() error { _, err := PredictMonteCarlo(ctx, m, ds, 3); return err },
			"fit": func() error {
				_, err := Fit(ctx, m, ds, loss, Adam(1e-3), Validation(ds), Metrics(nodes.Accuracy()), ReportTo(nil))
				return err
			},
			"load":    func() error { return export.LoadSafetensors(m, path) },
			"save":    func() error { return export.SaveSafetensors(m, fmt.Sprint(path, k)) },
			"summary": func() error { return m.Summary(io.Discard) },
			"draw":    func() error { return m.DOT(io.Discard) },
			"look for NaN": func() error {
				tr := m.Trainer(loss)
				if _, err := tr.Step(x, c); err != nil {
					return err
				}
				return tr.NonFinite()
			},
		} {
			hands.Go(func() {
				for range 3 {
					if err := do(); err != nil {
						t.Errorf("%s: %+v", name, err)
					}
				}
			})
		}
	}
	hands.Wait()
}
