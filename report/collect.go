package report

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// collector is a metric that notes how each sample fared. It is given the batches in the
// order of the data.
type collector struct {
	confusion *nodes.Confusion // nil for a regression
	begun     bool
	classes   []scored
	values    []scored
}

// scored is a sample with what a model made of it.
type scored struct {
	index            int
	truth, predicted int     // classes; -1 without
	confidence       float64 // of the prediction
	loss             float64 // cross-entropy, or the mean squared error of a regression
	target, output   float64 // of a regression, if there is one
	single           bool
}

var _ nodes.Metric = (*collector)(nil)

// Name implements [nodes.Metric].
func (c *collector) Name() string { return "" }

// Value implements [nodes.Metric].
func (c *collector) Value() float64 { return math.NaN() }

// Reset implements [nodes.Metric].
func (c *collector) Reset() { *c = collector{} }

// Add implements [nodes.Metric]. The outputs are of classes if a confusion matrix takes
// them with their targets.
func (c *collector) Add(y, target *tensor.Dense) error {
	if !c.begun {
		c.begun = true
		classes := 2
		if y.Dims() > 1 {
			classes = max(classes, y.Shape()[1])
		}
		c.confusion = nodes.ConfusionMatrix(classes)
	}
	out, want := numbers(y), numbers(target)
	if out == nil || want == nil || y.Dims() == 0 {
		return errors.Errorf("outputs of type %v and targets of type %v, want numbers", y.Dtype(), target.Dtype())
	}
	if c.confusion != nil && c.confusion.Add(y, target) != nil {
		c.confusion = nil
	}
	n := y.Shape()[0]
	if c.confusion != nil && (y.Dims() == 1 || y.Dims() == 2) {
		c.addClasses(out, want, n)
	}
	if len(out) == len(want) {
		c.addValues(out, want, n)
	}
	return nil
}

// addClasses adds samples with an output for each class, or with the logit of a yes.
func (c *collector) addClasses(out, want []float64, n int) {
	for i := range n {
		row := out[i*len(out)/n : (i+1)*len(out)/n]
		if len(row) == 1 {
			row = []float64{0, row[0]}
		}
		s := scored{index: len(c.classes), predicted: best(row)}
		truth := want[i*len(want)/n : (i+1)*len(want)/n]
		if s.truth = best(truth); len(truth) == 1 {
			s.truth = int(truth[0])
		}
		s.loss = math.NaN()
		if s.truth >= 0 && s.truth < len(row) {
			s.loss = -logProbability(row, s.truth)
		}
		if s.predicted >= 0 {
			s.confidence = math.Exp(logProbability(row, s.predicted))
		}
		c.classes = append(c.classes, s)
	}
}

// addValues adds samples with a target for each output.
func (c *collector) addValues(out, want []float64, n int) {
	each := len(out) / n
	for i := range n {
		sum := 0.0
		for j := i * each; j < (i+1)*each; j++ {
			sum += (out[j] - want[j]) * (out[j] - want[j])
		}
		c.values = append(c.values, scored{
			index: len(c.values), truth: -1, predicted: -1, loss: sum / float64(each),
			target: want[i*each], output: out[i*each], single: each == 1,
		})
	}
}

// logProbability is the logarithm of what softmax makes of a row, or of its entry if
// the row has probabilities already.
func logProbability(row []float64, class int) float64 {
	sum, fits := 0.0, true
	for _, v := range row {
		sum += v
		fits = fits && v >= 0
	}
	if fits && math.Abs(sum-1) < 1e-3 {
		return math.Log(row[class])
	}
	top := slices.Max(row)
	exp := 0.0
	for _, v := range row {
		exp += math.Exp(v - top)
	}
	return row[class] - top - math.Log(exp)
}

// best returns the first of the greatest numbers, -1 if one is NaN.
func best(row []float64) int {
	at := 0
	for i, v := range row {
		if math.IsNaN(v) {
			return -1
		}
		if v > row[at] {
			at = i
		}
	}
	return at
}

// worst returns the samples of the largest loss, at most n of them, NaN first.
func (c *collector) worst(n int) []scored {
	all := c.values
	if c.confusion != nil {
		all = slices.DeleteFunc(slices.Clone(c.classes), func(s scored) bool { return s.truth < 0 }) // ignored
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b scored) int {
		switch {
		case a.loss != a.loss && b.loss != b.loss || a.loss == b.loss:
			return 0
		case a.loss != a.loss || a.loss > b.loss:
			return -1
		}
		return 1
	})
	return all[:min(n, len(all))]
}

// numbers are the elements of a tensor, nil if they are none.
func numbers(d *tensor.Dense) []float64 {
	if d.RequiresIterator() || !d.DataOrder().IsRowMajor() {
		d = d.Materialize().(*tensor.Dense)
	}
	switch d.Dtype() {
	case tensor.Float32:
		return wide(graph.Data[float32](d))
	case tensor.Float64:
		return graph.Data[float64](d)
	case tensor.Int:
		return wide(d.Ints())
	case tensor.Int64:
		return wide(d.Int64s())
	case tensor.Int32:
		return wide(d.Int32s())
	case tensor.Uint8:
		return wide(d.Uint8s())
	}
	return nil
}

func wide[T float32 | int | int64 | int32 | uint8](v []T) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
