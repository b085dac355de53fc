package nodes

import "gorgonia.org/tensor"

// Accuracy is the share of positions whose predicted class is the target's.
//
// Shapes: the output y is (N, C) or (N, C, ...) and the target holds class
// indices, of type tensor.Int and shape (N) or (N, ...). The predicted class is
// the one with the highest score, the first of several. Softmax or not makes no
// difference.
//
// A target may also hold the probabilities of the classes, in the shape of y, as
// mixtures of samples have them: then it is the class that has most, the first of several.
//
// Where C is 1 or left out, as in (N), y is the logit of a yes: right is y > 0
// for a target of 1, and y ≤ 0 for 0. The target may then have the shape of y,
// and be of a floating-point type.
//
// A position with a score of NaN is never right. Targets of -100, or of another
// [IgnoreIndex], do not count; others that are no class are an error.
func Accuracy(opts ...MetricOption) Metric {
	return &accuracy{metricOptions: newMetricOptions(opts)}
}

type accuracy struct {
	metricOptions
	right, total int
}

func (m *accuracy) Name() string   { return "accuracy" }
func (m *accuracy) Value() float64 { return float64(m.right) / float64(m.total) }
func (m *accuracy) Reset()         { m.right, m.total = 0, 0 }

func (m *accuracy) Add(y, target *tensor.Dense) error {
	s, err := m.read(y, target)
	if err != nil {
		return err
	}
	for _, p := range s.positions {
		if s.predicted(p.index) == p.target {
			m.right++
		}
	}
	m.total += len(s.positions)
	return nil
}
