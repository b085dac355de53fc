package train

import (
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/nodes"
)

// A Measure says which of two epochs is better: see [Lowest] and [Highest]. It is of
// the validation data, or without any of the training data. The zero one is
// Lowest("loss").
type Measure struct {
	name   string
	higher bool
}

// Lowest is a measure of which lower is better: "loss", or the name of a metric.
func Lowest(name string) Measure { return Measure{name: name} }

// Highest is a measure of which higher is better: the name of a metric, such as
// "accuracy".
func Highest(name string) Measure { return Measure{name: name, higher: true} }

// Name returns the name of what is measured.
func (m Measure) Name() string {
	if m.name == "" {
		return "loss"
	}
	return m.name
}

// Of returns the value of an epoch, and whether it has one.
func (m Measure) Of(e Epoch) (float64, bool) {
	if e.Validation != nil {
		return e.Validation.measure(m.Name())
	}
	return e.Evaluation.measure(m.Name())
}

// Better says whether a is better than b by more than delta. NaN is worse than any
// number.
func (m Measure) Better(a, b, delta float64) bool {
	switch {
	case a != a:
		return false
	case b != b:
		return true
	case m.higher:
		return a-delta > b
	}
	return a+delta < b
}

// check wants what is measured to be among the metrics of a run.
func (m Measure) check(metrics []nodes.Metric) error {
	names := []string{"loss"}
	for _, metric := range metrics {
		names = append(names, metric.Name())
	}
	for _, name := range names {
		if name == m.Name() {
			return nil
		}
	}
	return errors.Errorf("the measure is %q, want one of %s: see train.Metrics", m.Name(), strings.Join(names, ", "))
}
