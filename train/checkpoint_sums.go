package train

import (
	"encoding"
	"time"

	"github.com/pkg/errors"
)

// A metric that implements both is saved in the middle of an epoch.
type savedMetric interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// sums returns what the epoch at hand has added up.
func (f *fit) sums() (*sumsFile, error) {
	s := &sumsFile{Loss: value(f.sum.loss), Samples: f.sum.samples, Seconds: value(time.Since(f.began).Seconds())}
	for _, m := range f.metrics {
		var state []byte
		if saved, ok := m.(savedMetric); ok {
			var err error
			if state, err = saved.MarshalBinary(); err != nil {
				return nil, errors.WithMessagef(err, "metric %s", m.Name())
			}
		}
		s.Metrics = append(s.Metrics, state)
	}
	return s, nil
}

// holdSums keeps the sums while validation uses the metrics.
func (f *fit) holdSums() (err error) {
	if f.checkpoints != nil {
		f.heldSums, err = f.sums()
	}
	return err
}

// addUp goes on with the sums of an epoch that was cut off, if it was.
func (f *fit) addUp(s *sumsFile) error {
	if s == nil {
		return nil
	}
	f.sum = newScores(f.metrics)
	f.sum.loss, f.sum.samples = float64(s.Loss), s.Samples
	f.elapsed = time.Duration(float64(s.Seconds) * float64(time.Second))
	for i, m := range f.metrics {
		saved, ok := m.(savedMetric)
		if !ok || i >= len(s.Metrics) || s.Metrics[i] == nil {
			continue
		}
		if err := saved.UnmarshalBinary(s.Metrics[i]); err != nil {
			return errors.WithMessagef(err, "metric %s", m.Name())
		}
	}
	return nil
}
