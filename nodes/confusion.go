package nodes

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Confusion counts how often each class was taken for each other one. It is a
// [Metric] whose value is the accuracy.
type Confusion struct {
	metricOptions
	classes int
	counts  [][]int // [target][predicted]
	nan     []int   // [target], without a prediction
}

var _ Metric = (*Confusion)(nil)

// ConfusionMatrix returns a confusion matrix of so many classes. Shapes and
// ignored targets are as in [Accuracy]; an output of yes or no has two classes.
func ConfusionMatrix(classes int, opts ...MetricOption) *Confusion {
	m := &Confusion{metricOptions: newMetricOptions(opts), classes: classes}
	m.Reset()
	return m
}

// Name implements [Metric].
func (m *Confusion) Name() string { return "confusion" }

// Add implements [Metric].
func (m *Confusion) Add(y, target *tensor.Dense) error {
	s, err := m.read(y, target)
	if err != nil {
		return err
	}
	if s.classes() != m.classes {
		return errors.Errorf("the prediction has %d classes, want %d as the matrix", s.classes(), m.classes)
	}
	for _, p := range s.positions {
		if c := s.predicted(p.index); c >= 0 {
			m.counts[p.target][c]++
		} else {
			m.nan[p.target]++
		}
	}
	return nil
}

// Value returns the accuracy.
func (m *Confusion) Value() float64 {
	right, total := 0, 0
	for c := range m.counts {
		right += m.counts[c][c]
		total += m.targets(c)
	}
	return float64(right) / float64(total)
}

// Reset implements [Metric].
func (m *Confusion) Reset() {
	n := max(m.classes, 0)
	m.counts, m.nan = make([][]int, n), make([]int, n)
	for c := range m.counts {
		m.counts[c] = make([]int, n)
	}
}

// Matrix returns a copy of the counts, first by target and then by prediction.
// Positions with a score of NaN have no prediction and are not in it.
func (m *Confusion) Matrix() [][]int {
	out := make([][]int, len(m.counts))
	for c, row := range m.counts {
		out[c] = slices.Clone(row)
	}
	return out
}

// Precision returns which share of the predictions of class c were right, NaN if
// it never was predicted or is no class.
func (m *Confusion) Precision(c int) float64 {
	if !m.has(c) {
		return math.NaN()
	}
	return float64(m.counts[c][c]) / float64(m.predictions(c))
}

// Recall returns which share of the targets of class c were recognised, NaN if
// there was none or c is no class. A position with a score of NaN was not
// recognised.
func (m *Confusion) Recall(c int) float64 {
	if !m.has(c) {
		return math.NaN()
	}
	return float64(m.counts[c][c]) / float64(m.targets(c))
}

// F1 returns the harmonic mean of precision and recall of class c, NaN if it was
// neither a target nor predicted or is no class.
func (m *Confusion) F1(c int) float64 {
	if !m.has(c) {
		return math.NaN()
	}
	return 2 * float64(m.counts[c][c]) / float64(m.targets(c)+m.predictions(c))
}

func (m *Confusion) has(c int) bool { return c >= 0 && c < len(m.counts) }

func (m *Confusion) targets(c int) int {
	n := m.nan[c]
	for _, k := range m.counts[c] {
		n += k
	}
	return n
}

func (m *Confusion) predictions(c int) int {
	n := 0
	for t := range m.counts {
		n += m.counts[t][c]
	}
	return n
}

// String returns a table: one row a target, one column a prediction, then the
// precision, recall and F1 of the row's class. Positions with a score of NaN, if
// there are any, have a column of their own.
func (m *Confusion) String() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	undecided := slices.Max(append([]int{0}, m.nan...)) > 0
	fmt.Fprint(t, "target\\predicted\t")
	for c := range m.counts {
		fmt.Fprintf(t, "%d\t", c)
	}
	if undecided {
		fmt.Fprint(t, "NaN\t")
	}
	fmt.Fprintln(t, "precision\trecall\tF1\t")
	for c, row := range m.counts {
		fmt.Fprintf(t, "%d\t", c)
		for _, k := range row {
			fmt.Fprintf(t, "%d\t", k)
		}
		if undecided {
			fmt.Fprintf(t, "%d\t", m.nan[c])
		}
		fmt.Fprintf(t, "%.3f\t%.3f\t%.3f\t\n", m.Precision(c), m.Recall(c), m.F1(c))
	}
	t.Flush() // a strings.Builder never fails
	return b.String()
}
