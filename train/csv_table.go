package train

import (
	"cmp"
	"encoding/csv"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// csvTable is a table being read.
type csvTable struct {
	noHeader   bool
	target     int
	targetName *string
	numeric    bool
	given      []string // class names, if the user gave them
	comma      rune

	r       *csv.Reader
	names   []string // of the columns; nil without a header
	columns int
	x, t    []float32
	labels  []int          // class of each sample
	number  map[string]int // of a class: in the order given, else as they came
}

// first takes the first line, which says how many columns there are.
func (c *csvTable) first(cells []string) error {
	if len(cells) < 2 {
		return errors.Errorf("the first line has %d column, want at least one of x and the target", len(cells))
	}
	c.columns = len(cells)
	if !c.noHeader {
		for _, name := range cells {
			c.names = append(c.names, strings.TrimSpace(name))
		}
	}
	if err := c.findTarget(); err != nil {
		return err
	}
	if c.noHeader {
		return c.row(cells)
	}
	return nil
}

// findTarget makes c.target the number of a column.
func (c *csvTable) findTarget() error {
	if c.targetName != nil && c.noHeader {
		return errors.Errorf("TargetColumn(%q) needs a header, and NoHeader says there is none", *c.targetName)
	}
	if c.targetName != nil {
		name := strings.TrimSpace(*c.targetName)
		c.target = slices.Index(c.names, name)
		if c.target < 0 {
			return errors.Errorf("no column is named %q, the header has %q", name, c.names)
		}
		if slices.Contains(c.names[c.target+1:], name) {
			return errors.Errorf("two columns are named %q, choose one by TargetIndex", name)
		}
		return nil
	}
	i := c.target
	if i < 0 {
		i += c.columns
	}
	if i < 0 || i >= c.columns {
		return errors.Errorf("target is column %d, want -%d to %d", c.target, c.columns, c.columns-1)
	}
	c.target = i
	return nil
}

// row takes a sample.
func (c *csvTable) row(cells []string) error {
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case i != c.target:
			v, err := c.parseNumber(i, cell)
			if err != nil {
				return err
			}
			c.x = append(c.x, v)
		case c.numeric:
			v, err := c.parseNumber(i, cell)
			if err != nil {
				return err
			}
			c.t = append(c.t, v)
		default:
			v, err := c.parseClass(i, cell)
			if err != nil {
				return err
			}
			c.labels = append(c.labels, v)
		}
	}
	return nil
}

func (c *csvTable) parseNumber(i int, cell string) (float32, error) {
	v, err := strconv.ParseFloat(cell, 32)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, c.cellError(i, cell, "a finite number in the range of float32")
	}
	return float32(v), nil
}

func (c *csvTable) parseClass(i int, cell string) (int, error) {
	if v, ok := c.number[cell]; ok {
		return v, nil
	}
	if c.given != nil {
		return 0, c.cellError(i, cell, "one of "+strings.Join(c.given, ", "))
	}
	if cell == "" {
		return 0, c.cellError(i, cell, "the name of a class")
	}
	v := len(c.number)
	c.number[strings.Clone(cell)] = v // the cell itself would keep its whole line
	return v, nil
}

func (c *csvTable) cellError(i int, cell, want string) error {
	line, _ := c.r.FieldPos(i)
	column := strconv.Itoa(i) + " (counted from 0)"
	if c.names != nil && c.names[i] != "" {
		column = c.names[i]
	}
	return errors.Errorf("line %d, column %s: cell is %q, want %s", line, column, cell, want)
}

// dataset makes tensors of what was read.
func (c *csvTable) dataset() (Dataset, error) {
	n := len(c.x) / max(1, c.columns-1)
	if n == 0 {
		return nil, errors.New("has no sample, want a line for each")
	}
	x := tensor.New(tensor.WithShape(n, c.columns-1), tensor.WithBacking(c.x))
	if c.numeric {
		t := tensor.New(tensor.WithShape(n), tensor.WithBacking(c.t))
		return labelledTensors(x, t, nil)
	}
	classes := c.given
	if classes == nil {
		classes = sortedClasses(slices.Collect(maps.Keys(c.number)))
		sorted := make([]int, len(classes))
		for i, name := range classes {
			sorted[c.number[name]] = i
		}
		for i, v := range c.labels {
			c.labels[i] = sorted[v]
		}
	}
	t := tensor.New(tensor.WithShape(n), tensor.WithBacking(c.labels))
	return labelledTensors(x, t, classes)
}

// sortedClasses sorts names: by value if all are integers (so that 10 comes
// after 9), else by bytes.
func sortedClasses(names []string) []string {
	slices.Sort(names)
	values := make(map[string]int, len(names))
	for _, name := range names {
		v, err := strconv.Atoi(name)
		if err != nil {
			return names
		}
		values[name] = v
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(values[a], values[b]) })
	return names
}
