package nodes

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// CalibrationError is the expected calibration error: by how much the confidence
// of predictions differs from how often they are right,
//
//	Σ_b n_b / n · |accuracy_b - confidence_b|
//
// over bins b of equal width, (i/bins, (i+1)/bins]. The confidence of a position
// is the largest of the softmax of its scores, so unlike for [Accuracy] they must
// be logits, or logarithms of probabilities. bins is at least 1, and usually 15.
// Shapes and ignored targets are as in [Accuracy]. A score of NaN makes the value
// NaN.
//
// It depends on the bins, and is never negative: of few predictions it is above 0
// even where all is well calibrated.
//
// Source: Guo, Pleiss, Sun, Weinberger, On Calibration of Modern Neural Networks,
// ICML 2017, https://arxiv.org/abs/1706.04599, with 15 bins.
func CalibrationError(bins int, opts ...MetricOption) *Calibration {
	return &Calibration{metricOptions: newMetricOptions(opts), bins: make([]CalibrationBin, max(bins, 0))}
}

// Calibration is the metric that [CalibrationError] makes.
type Calibration struct {
	metricOptions
	bins []CalibrationBin // with sums instead of means
}

// A CalibrationBin is what is known of the predictions whose confidence is within
// a range.
type CalibrationBin struct {
	// N is their number.
	N int
	// Confidence is the mean of theirs and Accuracy the share of right ones, both
	// NaN where there are none.
	Confidence, Accuracy float64
}

// Bins returns the bins in order of confidence: what a reliability diagram shows.
func (m *Calibration) Bins() []CalibrationBin {
	out := make([]CalibrationBin, len(m.bins))
	for i, b := range m.bins {
		out[i] = CalibrationBin{b.N, b.Confidence / float64(b.N), b.Accuracy / float64(b.N)}
	}
	return out
}

// Name implements [Metric].
func (m *Calibration) Name() string { return "ece" }

// Reset implements [Metric].
func (m *Calibration) Reset() { clear(m.bins) }

// Value implements [Metric].
func (m *Calibration) Value() float64 {
	n, sum := 0, 0.0
	for _, b := range m.bins {
		n += b.N
		sum += math.Abs(b.Accuracy - b.Confidence)
	}
	return sum / float64(n)
}

// Add implements [Metric].
func (m *Calibration) Add(y, target *tensor.Dense) error {
	if len(m.bins) == 0 {
		return errors.New("bins is below 1, want at least 1")
	}
	s, err := m.read(y, target)
	if err != nil {
		return err
	}
	for _, p := range s.positions {
		best := s.predicted(p.index)
		confidence := s.confidence(p.index, best)
		bin := len(m.bins) - 1 // for NaN
		if confidence < 1 {
			bin = max(0, int(math.Ceil(confidence*float64(len(m.bins))))-1)
		}
		b := &m.bins[bin]
		b.N++
		b.Confidence += confidence
		if best == p.target {
			b.Accuracy++
		}
	}
	return nil
}

// confidence returns the softmax of class best, which has the highest score, at
// position p; NaN for a best of -1.
func (s *scored) confidence(p, best int) float64 {
	if best < 0 {
		return math.NaN()
	}
	top, sum := s.score(p, best), 0.0
	for c := range s.classes() {
		sum += math.Exp(s.score(p, c) - top)
	}
	return 1 / sum
}
