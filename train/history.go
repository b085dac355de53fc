package train

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Score is the value of one metric.
type Score struct {
	Name  string
	Value float64
}

// An Evaluation is the loss and the metrics of a model on some data.
type Evaluation struct {
	// Loss is the mean over the samples of the loss of their batch.
	Loss    float64
	Scores  []Score
	Samples int
}

// Score returns the value of the metric of that name, and whether there is one.
func (e Evaluation) Score(name string) (float64, bool) {
	for _, s := range e.Scores {
		if s.Name == name {
			return s.Value, true
		}
	}
	return 0, false
}

// String prints an evaluation in a line, as in "loss 0.0813  accuracy 0.9752",
// with two spaces before each metric.
func (e Evaluation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "loss %.4f", e.Loss)
	for _, s := range e.Scores {
		fmt.Fprintf(&b, "  %s %.4f", s.Name, s.Value)
	}
	return b.String()
}

// An Epoch is what one pass over the training data gave.
type Epoch struct {
	Number int // from 1
	// Evaluation is that of the training steps: with dropout drawing, penalties
	// included, and weights changing meanwhile.
	Evaluation
	// Validation is nil without validation data.
	Validation *Evaluation
	// LearningRate is that of the last step, 0 for a solver of another package.
	LearningRate float64
	// Duration is the time of training, without validation.
	Duration time.Duration
}

// A History is the record of a training run.
type History struct{ Epochs []Epoch }

// Last returns the last epoch, the zero one if there is none.
func (h *History) Last() Epoch {
	if h == nil || len(h.Epochs) == 0 {
		return Epoch{}
	}
	return h.Epochs[len(h.Epochs)-1]
}

// clone returns a history that does not grow with h.
func (h *History) clone() *History { return &History{Epochs: slices.Clone(h.Epochs)} }

// watched returns the loss per epoch that a schedule watches: that of the
// validation data, of the training data without any.
func (h *History) watched() []float64 {
	out := make([]float64, len(h.Epochs))
	for i, e := range h.Epochs {
		out[i] = e.Loss
		if e.Validation != nil {
			out[i] = e.Validation.Loss
		}
	}
	return out
}

// names returns what is measured: the loss, then the metrics of all epochs.
func (h *History) names() []string {
	names := []string{"loss"}
	for _, e := range h.Epochs {
		for _, s := range e.Scores {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// measure returns the loss or a metric by its name, and whether there is one.
func (e *Evaluation) measure(name string) (float64, bool) {
	switch {
	case e == nil:
		return 0, false
	case name == "loss":
		return e.Loss, true
	}
	return e.Score(name)
}
