package train

import (
	"context"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/nodes"
)

// Evaluate computes the loss and the metrics of a model on data, in batches of
// the size the model was built for, with dropout off and running statistics.
func Evaluate(ctx context.Context, m *graph.Model, data Dataset, loss graph.Loss, metrics ...nodes.Metric) (Evaluation, error) {
	batch, err := batchSize(m)
	if err == nil && loss == nil {
		err = errors.New("the loss is nil")
	}
	if err == nil {
		err = checkMetrics(metrics)
	}
	if err != nil {
		return Evaluation{}, guard.At("train.Evaluate", err)
	}
	var e Evaluation
	err = guard.Call("a metric", func() (err error) {
		e, err = evaluate(ctx, m.Trainer(loss), data, batch, metrics)
		return err
	})
	return e, guard.At("train.Evaluate", err)
}

func evaluate(ctx context.Context, t *graph.Trainer, data Dataset, batch int, metrics []nodes.Metric) (Evaluation, error) {
	l, err := NewLoader(data, batch)
	if err != nil {
		return Evaluation{}, err
	}
	sum := newScores(metrics)
	for b, err := range l.Epoch(ctx, 0) {
		if err != nil {
			return Evaluation{}, err
		}
		r, err := t.Evaluate(b.X, b.T)
		if err == nil {
			err = sum.add(r, b)
		}
		if err != nil {
			return Evaluation{}, l.blame(err, 0, b.Index)
		}
	}
	return sum.evaluation(), nil
}
