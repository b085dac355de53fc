package nodes

import (
	"fmt"
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// A Metric measures predictions over batches. It is not part of a graph, and
// belongs to one goroutine. One that also implements [encoding.BinaryMarshaler] and
// [encoding.BinaryUnmarshaler], as those here do, can be saved between two batches.
type Metric interface {
	// Name is a short word for tables and logs.
	Name() string
	// Add takes in the output of a model and the target of a batch. After an
	// error the metric is as it was.
	Add(y, target *tensor.Dense) error
	// Value is the measure over all batches since the last Reset, NaN if there
	// was nothing to measure.
	Value() float64
	// Reset forgets all batches.
	Reset()
}

// A MetricOption adjusts one [Accuracy], [TopK], [ConfusionMatrix] or
// [CalibrationError]. There is [IgnoreIndex]: positions with that target do not
// count.
type MetricOption interface{ metric(*metricOptions) }

type metricOptions struct{ ignoreIndex int }

func newMetricOptions(opts []MetricOption) metricOptions {
	o := metricOptions{ignoreIndex: -100}
	for _, opt := range guard.Given(opts) {
		opt.metric(&o)
	}
	return o
}

// scored is a batch of predictions over classes, with a target each.
type scored struct {
	y         []float64 // as lines
	of        lines     // n is the number of classes in y, 1 for a yes or no
	positions []position
}

// A position that counts.
type position struct{ index, target int }

// read checks a batch. Outputs of one class, or without an axis of classes, are
// the logits of a yes: class 1 of two.
func (o metricOptions) read(y, target *tensor.Dense) (*scored, error) {
	if y == nil || target == nil {
		return nil, errors.New("the prediction or the target is nil")
	}
	shape := y.Shape()
	if len(shape) == 1 {
		shape = graph.Shape{shape[0], 1}
	}
	if len(shape) < 2 {
		return nil, errors.Errorf("the prediction has shape %v, want (N), (N, C) or (N, C, ...)", y.Shape())
	}
	s := &scored{y: floats(y), of: linesAlong(shape, 1)}
	if s.y == nil {
		return nil, errors.Errorf("the prediction has type %v, want float32 or float64", y.Dtype())
	}
	want, yesNo := positions(shape), s.of.n == 1
	if t := target.Shape(); !slices.Equal(t, want) && !(yesNo && slices.Equal(t, shape)) {
		hint := ""
		if slices.Equal(t, shape) {
			if p := floats(target); p != nil {
				return s.ofProbabilities(p)
			}
			hint = "; for several yes/no questions per sample there is no metric yet"
		}
		return nil, errors.Errorf("the prediction has shape %v and the target %v, want a target of shape %v%s", y.Shape(), t, want, hint)
	}
	classes, err := indices(target, yesNo)
	if err != nil {
		return nil, err
	}
	for p, t := range classes {
		switch {
		case t == o.ignoreIndex:
			continue
		case t < 0 || t >= s.classes():
			return nil, wrongTarget(target.Shape(), p, t, fmt.Sprintf("0 ≤ target < %d, the number of classes", s.classes()))
		}
		s.positions = append(s.positions, position{p, t})
	}
	return s, nil
}

// indices returns the class indices of a target.
func indices(target *tensor.Dense, yesNo bool) ([]int, error) {
	switch d := contiguous(target); d.Dtype() {
	case tensor.Int:
		return d.Ints(), nil
	case tensor.Int64:
		return ints(d.Int64s()), nil
	case tensor.Int32:
		return ints(d.Int32s()), nil
	case tensor.Uint8:
		return ints(d.Uint8s()), nil
	}
	values := floats(target)
	if values == nil || !yesNo {
		return nil, errors.Errorf("the target has type %v, want class indices of type int", target.Dtype())
	}
	out := make([]int, len(values))
	for i, v := range values {
		if out[i] = int(v); float64(out[i]) != v {
			return nil, wrongTarget(target.Shape(), i, v, "0 or 1")
		}
	}
	return out, nil
}

func ints[T int64 | int32 | uint8](x []T) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}

// floats returns the elements in row-major order, nil if they are no floats.
func floats(d *tensor.Dense) []float64 {
	d = contiguous(d)
	if d.Dtype() == tensor.Float64 {
		return graph.Data[float64](d)
	}
	var out []float64
	for _, v := range graph.Data[float32](d) {
		out = append(out, float64(v))
	}
	return out
}

func contiguous(d *tensor.Dense) *tensor.Dense {
	if d.RequiresIterator() || !d.DataOrder().IsRowMajor() {
		return d.Materialize().(*tensor.Dense)
	}
	return d
}

func (s *scored) classes() int { return max(s.of.n, 2) }

// score returns what position p gives class c. A no has score 0 beside the logit
// of a yes.
func (s *scored) score(p, c int) float64 {
	switch {
	case s.of.n > 1:
		return s.y[p/s.of.inner*s.of.n*s.of.inner+c*s.of.inner+p%s.of.inner]
	case c == 1:
		return s.y[p]
	}
	return 0
}

// predicted returns the class with the highest score, the first of several; -1
// if a score is NaN.
func (s *scored) predicted(p int) int {
	best := 0
	for c := range s.classes() {
		v := s.score(p, c)
		if math.IsNaN(v) {
			return -1
		}
		if v > s.score(p, best) {
			best = c
		}
	}
	return best
}
