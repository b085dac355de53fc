package train

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/pkg/errors"
)

// column is one of the table: nothing of what was not measured.
type column struct {
	title string
	of    func(Summary) Spread
	verb  string
}

// columns has two decimals for an error in percent and four for the loss.
func columns(measure string) []column {
	verb := "%.4f"
	if measureOf(measure).share {
		verb = "%.2f"
	}
	return []column{
		{"training", func(s Summary) Spread { return s.Training }, verb},
		{"clean", func(s Summary) Spread { return s.Clean }, verb},
		{"validation", func(s Summary) Spread { return s.Validation }, verb},
		{"gap", func(s Summary) Spread { return s.Gap }, verb},
		{"best", func(s Summary) Spread { return s.Best }, verb},
		{"at epoch", func(s Summary) Spread { return s.BestEpoch }, "%.1f"},
		{"test", func(s Summary) Spread { return s.Test }, verb},
		{"seconds", func(s Summary) Spread { return s.Seconds }, "%.1f"},
	}
}

// Table writes what [Comparison.Summaries] returns, mean ± standard deviation
// over the seeds and folds, without the columns of what was not measured:
//
//	error % (accuracy)  seeds  training       validation     ...
//	none                3      0.00 ± 0.00    1.92 ± 0.05
//	hidden 0.5          3      0.88 ± 0.02    1.71 ± 0.06
//
// A measure that is not among [Comparison.Measures] is an error.
func (c *Comparison) Table(w io.Writer, measure string) error {
	lines, err := c.lines(measure)
	if err != nil {
		return errors.WithMessage(err, "writing the table")
	}
	if w == nil {
		return errors.New("writing the table: the writer is nil")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		for i, cell := range line {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, cell)
		}
		fmt.Fprintln(t)
	}
	return errors.Wrap(t.Flush(), "writing the table")
}

func (c *Comparison) lines(measure string) ([][]string, error) {
	summaries, err := c.summaries(measure)
	if err != nil {
		return nil, err
	}
	head := []string{measureOf(measure).label, "seeds"}
	if c.folded() {
		head[1] = "runs"
	}
	lines := make([][]string, len(summaries))
	for i, s := range summaries {
		lines[i] = []string{s.Variant, strconv.Itoa(s.Seconds.N)}
	}
	for _, col := range columns(measure) {
		measured := false
		for _, s := range summaries {
			measured = measured || col.of(s).N > 0
		}
		if !measured {
			continue
		}
		head = append(head, col.title)
		for i, s := range summaries {
			lines[i] = append(lines[i], col.of(s).format(col.verb))
		}
	}
	return append([][]string{head}, lines...), nil
}

// WriteCSV writes one line for each epoch of each run: variant, seed and, if there are
// any, fold; then the columns of [History.WriteCSV]. The last epoch of a run has in its columns
// clean_ and test_ what was measured after it.
func (c *Comparison) WriteCSV(w io.Writer) error {
	switch {
	case c == nil || len(c.Runs) == 0:
		return errors.New("writing the comparison: there is no run")
	case w == nil:
		return errors.New("writing the comparison: the writer is nil")
	}
	names := c.Measures()
	head := []string{"variant", "seed"}
	if c.folded() {
		head = append(head, "fold")
	}
	head = append(head, "epoch")
	for _, prefix := range []string{"", "val_", "clean_", "test_"} {
		for _, name := range names {
			head = append(head, prefix+name)
		}
	}
	lines := [][]string{append(head, "lr", "seconds")}
	for _, r := range c.Runs {
		for i, e := range r.History.Epochs {
			line := []string{r.Variant, strconv.FormatUint(r.Seed, 10)}
			if c.folded() {
				line = append(line, strconv.Itoa(r.Fold))
			}
			line = append(line, strconv.Itoa(e.Number))
			clean, test := r.Clean, r.Test
			if i < len(r.History.Epochs)-1 {
				clean, test = nil, nil
			}
			for _, v := range []*Evaluation{&e.Evaluation, e.Validation, clean, test} {
				line = append(line, cells(v, names)...)
			}
			lines = append(lines, append(line, number(e.LearningRate), number(e.Duration.Seconds())))
		}
	}
	return errors.Wrap(csv.NewWriter(w).WriteAll(lines), "writing the comparison")
}
