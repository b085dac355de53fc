package train

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// scores adds up what an epoch computes.
type scores struct {
	metrics []nodes.Metric
	loss    float64
	samples int
}

func checkMetrics(metrics []nodes.Metric) error {
	if i := slices.Index(metrics, nil); i >= 0 {
		return errors.Errorf("metric %d is nil", i)
	}
	return nil
}

func newScores(metrics []nodes.Metric) *scores {
	for _, m := range metrics {
		m.Reset()
	}
	return &scores{metrics: metrics}
}

func (s *scores) add(r graph.Result, b Batch) error {
	s.loss += r.Loss * float64(b.samples())
	s.samples += b.samples()
	for _, m := range s.metrics {
		if err := m.Add(r.Output, b.T); err != nil {
			return errors.WithMessagef(err, "metric %s", m.Name())
		}
	}
	return nil
}

func (s *scores) evaluation() Evaluation {
	e := Evaluation{Loss: s.loss / float64(max(s.samples, 1)), Samples: s.samples}
	for _, m := range s.metrics {
		e.Scores = append(e.Scores, Score{m.Name(), m.Value()})
	}
	return e
}
