package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// TopK is the share of positions whose target is among the k classes with the
// highest scores; of equal scores, those of lower classes come first. k is from 1
// to the number of classes. Shapes, NaN and ignored targets are as in [Accuracy].
func TopK(k int, opts ...MetricOption) Metric {
	return &topK{k: k, accuracy: accuracy{metricOptions: newMetricOptions(opts)}}
}

type topK struct {
	k int
	accuracy
}

func (m *topK) Name() string { return fmt.Sprintf("top%d", m.k) }

func (m *topK) Add(y, target *tensor.Dense) error {
	s, err := m.read(y, target)
	if err != nil {
		return err
	}
	if m.k < 1 || m.k > s.classes() {
		return errors.Errorf("k is %d, want 1 ≤ k ≤ %d, the number of classes", m.k, s.classes())
	}
	for _, p := range s.positions {
		if rank := s.rank(p); rank >= 0 && rank < m.k {
			m.right++
		}
	}
	m.total += len(s.positions)
	return nil
}

// rank returns how many classes come before the target; -1 if a score is NaN.
func (s *scored) rank(p position) int {
	if s.predicted(p.index) < 0 {
		return -1
	}
	mine, before := s.score(p.index, p.target), 0
	for c := range s.classes() {
		if v := s.score(p.index, c); v > mine || v == mine && c < p.target {
			before++
		}
	}
	return before
}
