package report

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// Write writes a report of a model and of its training at path, or leaves path as it
// was. It has
//   - curves of the loss, the metrics and the learning rate, and their values;
//   - with [On]: loss and metrics, a confusion matrix with precision, recall and F1 of
//     each class, and the samples of the largest loss, as pictures if they are some;
//   - the filters of the first layer, if the model sees pictures;
//   - the layers of the model, its warnings, the settings of [Setting], the machine.
//
// What a model does not have is left out, such as the confusion matrix of a regression.
// h may be nil, for a model that was loaded.
func Write(ctx context.Context, path string, m *graph.Model, h *train.History, opts ...Option) error {
	r := &report{m: m, history: h, title: "Training report", mistakes: 24}
	err := guard.Call("a data set or a metric", func() error { return r.write(ctx, path, opts) })
	return guard.At("report.Write", err)
}

// An Option adjusts [Write].
type Option func(*report)

// Title sets the title, "Training report" by default.
func Title(text string) Option { return func(r *report) { r.title = text } }

// On evaluates the model on data, such as those of the validation or of a test, for the
// parts of a report that need predictions. The metrics may be none: a report has those of
// classes anyway. Outputs of classes are taken for logits, unless all are probabilities.
func On(data train.Dataset, loss graph.Loss, metrics ...nodes.Metric) Option {
	return func(r *report) { r.data, r.loss, r.metrics, r.on = data, loss, metrics, true }
}

// Mistakes sets how many samples of the largest loss are shown, 24 by default.
func Mistakes(n int) Option { return func(r *report) { r.mistakes = n } }

// Setting adds a line to the settings, as of the optimiser, the schedule or the data.
func Setting(name string, value any) Option {
	return func(r *report) { r.settings = append(r.settings, pair{name, fmt.Sprint(value)}) }
}

type report struct {
	m        *graph.Model
	history  *train.History
	title    string
	data     train.Dataset
	loss     graph.Loss
	metrics  []nodes.Metric
	on       bool
	mistakes int
	settings []pair
}

// A pair is a name and its value.
type pair struct{ Name, Value string }

func (r *report) write(ctx context.Context, path string, opts []Option) error {
	guard.Apply(r, opts)
	switch {
	case path == "":
		return errors.New("the path is empty")
	case r.mistakes < 0:
		return errors.Errorf("Mistakes is %d, want at least 0", r.mistakes)
	case r.on && r.data == nil:
		return errors.New("On: the data set is nil")
	}
	p, err := r.page(ctx)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := layout.Execute(&out, p); err != nil {
		return errors.WithStack(err)
	}
	return errors.WithMessage(atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(out.Bytes())
		return errors.WithStack(err)
	}), path)
}
