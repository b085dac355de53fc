package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/thinnet/thinnet/nodes"
)

// mostClasses is how many a matrix shows that can still be read.
const mostClasses = 25

// A matrix is a table of how often each class was taken for each other one.
type matrix struct {
	Names []string
	Long  bool // names, which then stand upright
	Rows  []matrixRow
}

type matrixRow struct {
	Name  string
	Cells []cell
}

// A cell is coloured by its share of the row.
type cell struct {
	Count, Colour int    // the second in percent
	Class, Says   string // of its style, and in words
}

func (p *page) addClasses(c *nodes.Confusion, name func(int) string) {
	counts := c.Matrix()
	p.Classes = table{Head: []string{"class", "samples", "precision", "recall", "F1"}, Left: 1}
	for class, row := range counts {
		p.Classes.Rows = append(p.Classes.Rows, []string{
			name(class), strconv.Itoa(sum(row)), percent(c.Precision(class)), percent(c.Recall(class)), percent(c.F1(class)),
		})
	}
	if len(counts) > mostClasses {
		p.Pairs = confused(counts, name)
		return
	}
	p.Matrix = &matrix{}
	for target, row := range counts {
		p.Matrix.Names = append(p.Matrix.Names, name(target))
		p.Matrix.Long = p.Matrix.Long || len(name(target)) > 3
		r := matrixRow{Name: name(target)}
		for predicted, n := range row {
			r.Cells = append(r.Cells, cellOf(target, predicted, n, sum(row), name))
		}
		p.Matrix.Rows = append(p.Matrix.Rows, r)
	}
}

func cellOf(target, predicted, n, all int, name func(int) string) cell {
	share := 100 * n / max(all, 1)
	c := cell{Count: n, Colour: share, Class: "wrong"}
	switch {
	case n == 0:
		c.Class = "none"
	case target == predicted:
		c.Class = "right"
	default: // a single one is seen, too
		c.Colour = max(share, 15)
	}
	if share >= 60 {
		c.Class += " dense"
	}
	c.Says = fmt.Sprintf("%s taken for %s: %d, %d %%", name(target), name(predicted), n, share)
	if target == predicted {
		c.Says = fmt.Sprintf("%s recognised: %d, %d %%", name(target), n, share)
	}
	return c
}

// confused lists the classes that are most often taken for each other.
func confused(counts [][]int, name func(int) string) table {
	type mistake struct{ target, predicted, n int }
	var all []mistake
	for target, row := range counts {
		for predicted, n := range row {
			if n > 0 && target != predicted {
				all = append(all, mistake{target, predicted, n})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return b.n - a.n })
	t := table{Head: []string{"class", "taken for", "times"}, Left: 2}
	for _, m := range all[:min(len(all), 20)] {
		t.Rows = append(t.Rows, []string{name(m.target), name(m.predicted), strconv.Itoa(m.n)})
	}
	return t
}

func sum(row []int) (n int) {
	for _, k := range row {
		n += k
	}
	return n
}
