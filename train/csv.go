package train

import (
	"encoding/csv"
	"io"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// OpenCSV reads a table of numbers, plain or gzipped (the first bytes decide,
// not the name): a first line of column names (see [NoHeader]), then one
// sample a line. One column, by default the last, is the target; the others
// are x, (n, columns-1) of float32, in the order of the file.
//
// The target is the name of a class, and t is (n) of [tensor.Int]: classes are
// numbered in sorted order, numerically if all are integers. With
// [NumericTarget] it is a number, and t is (n) of float32. Spaces around a cell
// do not count.
//
// A cell that is empty, not a number or not finite, and a line with more or
// fewer cells than the first, are errors with the line, from 1, and the column:
// its name, or its number, from 0, where it has none.
func OpenCSV(path string, opts ...CSVOption) (Dataset, error) {
	f, err := openData(path)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	defer f.Close()
	ds, err := readCSV(f, opts...)
	return ds, errors.WithMessage(err, path)
}

// A CSVOption adjusts [OpenCSV].
type CSVOption func(*csvTable)

// NoHeader says that the first line is a sample.
func NoHeader() CSVOption { return func(c *csvTable) { c.noHeader = true } }

// TargetColumn says which column is the target by its name in the header.
func TargetColumn(name string) CSVOption { return func(c *csvTable) { c.targetName = &name } }

// TargetIndex says which column is the target by its number, from 0; negative
// numbers count from the end, and -1, the last, is the default.
func TargetIndex(i int) CSVOption {
	return func(c *csvTable) { c.target, c.targetName = i, nil }
}

// NumericTarget makes the target a number, for regression. t has shape (n); let
// the model end in nodes.Reshape(y, -1) for [nodes.MSE].
func NumericTarget() CSVOption { return func(c *csvTable) { c.numeric = true } }

// ClassNames numbers the classes in the order given, and makes any other name
// an error. Use it where a file may lack a class, as a test set may: the
// numbers must be those of the training set.
func ClassNames(names ...string) CSVOption {
	return func(c *csvTable) { c.given = slices.Clone(names) }
}

// Comma sets what separates cells, a comma by default.
func Comma(r rune) CSVOption { return func(c *csvTable) { c.comma = r } }

func readCSV(f io.Reader, opts ...CSVOption) (Dataset, error) {
	c := &csvTable{target: -1, comma: ',', number: map[string]int{}}
	guard.Apply(c, opts)
	if c.numeric && c.given != nil {
		return nil, errors.New("NumericTarget and ClassNames are both given, want one")
	}
	for i, name := range c.given {
		c.number[name] = i
	}
	if len(c.number) < len(c.given) {
		return nil, errors.Errorf("ClassNames has a name twice: %q", c.given)
	}
	c.r = csv.NewReader(skipBOM(f))
	c.r.Comma = c.comma
	c.r.ReuseRecord = true
	for {
		cells, err := c.r.Read()
		if err == io.EOF {
			return c.dataset()
		}
		if p := (*csv.ParseError)(nil); errors.As(err, &p) && p.Err == csv.ErrFieldCount {
			return nil, errors.Errorf("line %d has %d cells, want %d", p.StartLine, len(cells), c.columns)
		}
		if err != nil {
			return nil, errors.WithStack(err) // csv says line and column
		}
		if c.columns > 0 {
			err = c.row(cells)
		} else {
			err = c.first(cells)
		}
		if err != nil {
			return nil, err
		}
	}
}
