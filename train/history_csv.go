package train

import (
	"io"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// WriteCSV writes one line per epoch under a header: epoch, loss, the metrics,
// the same with the prefix val_ if there is validation, lr and seconds. What an
// epoch lacks, in a history put together of several, stays empty.
func (h *History) WriteCSV(w io.Writer) error {
	if h == nil {
		return errors.New("writing the history: the history is nil")
	}
	if w == nil {
		return errors.New("writing the history: the writer is nil")
	}
	return errors.WithMessage(writeCSVLines(w, logColumns{h.names(), h.validated()}, true, h.Epochs), "writing the history")
}

// validated says whether an epoch was.
func (h *History) validated() bool {
	return slices.ContainsFunc(h.Epochs, func(e Epoch) bool { return e.Validation != nil })
}

// logColumns are those of an epoch in a table.
type logColumns struct {
	names     []string // of the loss and the metrics
	validated bool
}

func (l logColumns) head() []string {
	head := append([]string{"epoch"}, l.names...)
	if l.validated {
		for _, name := range l.names {
			head = append(head, "val_"+name)
		}
	}
	return append(head, "lr", "seconds")
}

// cells are as many; what an epoch lacks is empty.
func (l logColumns) cells(e Epoch) []string {
	line := append([]string{strconv.Itoa(e.Number)}, cells(&e.Evaluation, l.names)...)
	if l.validated {
		line = append(line, cells(e.Validation, l.names)...)
	}
	return append(line, number(e.LearningRate), number(e.Duration.Seconds()))
}

func cells(e *Evaluation, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		if v, ok := e.measure(name); ok {
			out[i] = number(v)
		}
	}
	return out
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
