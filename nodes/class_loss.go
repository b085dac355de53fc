package nodes

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// classLoss is what the losses over classes have in common.
type classLoss struct {
	reduction   Reduction
	weights     []float64 // nil is all 1
	smoothing   float64
	ignoreIndex int
}

func defaultClassLoss() *classLoss { return &classLoss{ignoreIndex: -100} }

// ClassWeights makes the class c count w[c] times; there is one weight for each
// class, finite and not negative. See the loss for what a mean divides by.
func ClassWeights(w ...float64) ClassWeightsOption { return classWeights(slices.Clone(w)) }

// A ClassWeightsOption adjusts one [CrossEntropy], [NLL] or [BCEWithLogits].
type ClassWeightsOption interface {
	CrossEntropyOption
	NLLOption
	BCEOption
}

type classWeights []float64

func (w classWeights) crossEntropy(o *classLoss) { o.weights = w }
func (w classWeights) nll(o *classLoss)          { o.weights = w }
func (w classWeights) bce(o *binaryLoss)         { o.weights = w }

// IgnoreIndex sets the class index of positions to leave out, in losses and
// metrics; -100 by default, as in PyTorch.
func IgnoreIndex(i int) IgnoreIndexOption { return ignoreIndex(i) }

// An IgnoreIndexOption adjusts one [CrossEntropy], [NLL] or metric.
type IgnoreIndexOption interface {
	CrossEntropyOption
	NLLOption
	MetricOption
}

type ignoreIndex int

func (i ignoreIndex) crossEntropy(o *classLoss) { o.ignoreIndex = int(i) }
func (i ignoreIndex) nll(o *classLoss)          { o.ignoreIndex = int(i) }
func (i ignoreIndex) metric(o *metricOptions)   { o.ignoreIndex = int(i) }

// check looks at the options and the shapes of a prediction over classes.
func (o *classLoss) check(y, target *graph.Node) error {
	if y.Dims() < 2 {
		return errors.Errorf("the prediction has shape %v, want (N, C) or (N, C, ...)", y.Shape())
	}
	if !(o.smoothing >= 0 && o.smoothing <= 1) {
		return errors.Errorf("the label smoothing is %v, want 0 ≤ smoothing ≤ 1", o.smoothing)
	}
	if err := checkWeights("class weight", o.weights, y.Dim(1)); err != nil {
		return err
	}
	if want := positions(y.Shape()); target.Dtype() == tensor.Int && !slices.Equal(target.Shape(), want) {
		hint := ""
		if y.Dims() > 2 && target.Dims() == 1 {
			hint = "; or is a nodes.Flatten missing?"
		}
		return errors.Errorf("the prediction has shape %v and the target %v, want class indices of shape %v%s", y.Shape(), target.Shape(), want, hint)
	}
	return nil
}

// checkWeights wants no weights, or one for each class.
func checkWeights(what string, w []float64, classes int) error {
	if w != nil && len(w) != classes {
		return errors.Errorf("got %d %ss for %d classes, want one each", len(w), what, classes)
	}
	for c, v := range w {
		if !(v >= 0) || math.IsInf(v, 0) {
			return errors.Errorf("%s %d is %v, want a finite value ≥ 0", what, c, v)
		}
	}
	return nil
}

// positions is the shape of (N, C, ...) without the axis of the classes.
func positions(shape graph.Shape) graph.Shape {
	return append(graph.Shape{shape[0]}, shape[2:]...)
}
