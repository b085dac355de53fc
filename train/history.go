package train

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
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

// String prints an evaluation in a line, as in "loss 0.0813  accuracy 0.9752".
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
	if len(h.Epochs) == 0 {
		return Epoch{}
	}
	return h.Epochs[len(h.Epochs)-1]
}

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

// WriteCSV writes one line per epoch under a header: epoch, loss, the metrics,
// the same with the prefix val_, lr and seconds.
func (h *History) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	for i, e := range h.Epochs {
		head, line := []string{"epoch"}, []string{strconv.Itoa(e.Number)}
		add := func(name string, v float64) {
			head = append(head, name)
			line = append(line, strconv.FormatFloat(v, 'g', -1, 64))
		}
		addAll := func(prefix string, e Evaluation) {
			add(prefix+"loss", e.Loss)
			for _, s := range e.Scores {
				add(prefix+s.Name, s.Value)
			}
		}
		addAll("", e.Evaluation)
		if e.Validation != nil {
			addAll("val_", *e.Validation)
		}
		add("lr", e.LearningRate)
		add("seconds", e.Duration.Seconds())
		if i == 0 {
			// Write keeps its error for Error below.
			_ = c.Write(head)
		}
		_ = c.Write(line)
	}
	c.Flush()
	return errors.Wrap(c.Error(), "writing the history")
}

// scores adds up what an epoch computes.
type scores struct {
	metrics []nodes.Metric
	loss    float64
	samples int
}

func newScores(metrics []nodes.Metric) *scores {
	for _, m := range metrics {
		m.Reset()
	}
	return &scores{metrics: metrics}
}

func (s *scores) add(r graph.Result, target *tensor.Dense) error {
	n := r.Output.Shape()[0]
	s.loss += r.Loss * float64(n)
	s.samples += n
	for _, m := range s.metrics {
		if err := m.Add(r.Output, target); err != nil {
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
