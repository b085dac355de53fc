package train

import (
	"encoding/csv"
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
	names := h.names()
	head := append([]string{"epoch"}, names...)
	validated := slices.ContainsFunc(h.Epochs, func(e Epoch) bool { return e.Validation != nil })
	if validated {
		for _, name := range names {
			head = append(head, "val_"+name)
		}
	}
	lines := [][]string{append(head, "lr", "seconds")}
	for _, e := range h.Epochs {
		line := append([]string{strconv.Itoa(e.Number)}, cells(&e.Evaluation, names)...)
		if validated {
			line = append(line, cells(e.Validation, names)...)
		}
		lines = append(lines, append(line, number(e.LearningRate), number(e.Duration.Seconds())))
	}
	return errors.Wrap(csv.NewWriter(w).WriteAll(lines), "writing the history")
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
