package train

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// OpenTS reads labelled time series in the ts format of the UCR and UEA archives,
// which sktime and aeon read too; plain or gzipped. x is (n, steps, dims) of
// float32, as recurrent nodes want it, and t is (n) of [tensor.Int].
//
// Series may differ in length: steps is the longest, or that of [PadTo], and 0
// stands in all dimensions after the end of a shorter one. So the lengths are
// nodes.SequenceLengths(x, 0), unless a series ends in such a step. The dimensions
// of one series must be of one length.
//
// Classes are numbered and named in the order of the file's @classLabel line.
//
// A file without class labels, with time stamps or with missing values is an
// error, and so is whatever is not of the format; the error says in which line.
//
// Source: https://www.aeon-toolkit.org/en/latest/examples/datasets/data_loading.html.
func OpenTS(path string, opts ...TSOption) (Dataset, error) {
	f, err := openData(path)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	defer f.Close()
	d, err := readTS(f, opts)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	return d, nil
}

// A TSOption adjusts [OpenTS].
type TSOption func(*series)

// PadTo makes x as many steps long: for a test set whose longest series is
// another than that of the training set. A longer series is an error.
func PadTo(steps int) TSOption { return func(s *series) { s.steps, s.fixed = steps, true } }

// series is a data set of sequences.
type series struct {
	steps   int
	fixed   bool // by PadTo
	dims    int
	samples [][]float32 // (steps of the sample, dims); no longer than the file says
	labels  []int
	classes []string
	number  map[string]int // of a class
}

// Len implements [Dataset].
func (s *series) Len() int { return len(s.samples) }

// Classes implements [Labelled].
func (s *series) Classes() []string { return slices.Clone(s.classes) }

// Batch implements [Dataset]. Only here series are padded, so that a short file
// never takes much memory.
func (s *series) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if err := checkIndices(indices, s.Len()); err != nil {
		return nil, nil, err
	}
	size := s.steps * s.dims
	values, labels := make([]float32, len(indices)*size), make([]int, len(indices))
	for i, j := range indices {
		copy(values[i*size:], s.samples[j])
		labels[i] = s.labels[j]
	}
	x = tensor.New(tensor.WithShape(len(indices), s.steps, s.dims), tensor.WithBacking(values))
	return x, tensor.New(tensor.WithShape(len(indices)), tensor.WithBacking(labels)), nil
}

func readTS(r io.Reader, opts []TSOption) (*series, error) {
	s := &series{}
	guard.Apply(s, opts)
	if s.fixed && s.steps < 1 {
		return nil, errors.Errorf("PadTo is %d, want at least 1", s.steps)
	}
	lines, data := skipBOM(r), false
	for n, last := 1, false; !last; n++ {
		line, err := lines.ReadString('\n')
		if last = err == io.EOF; last {
			err = nil
		}
		line = strings.TrimSpace(line)
		switch {
		case err != nil:
			err = errors.WithStack(err)
		case line == "" || line[0] == '#' || line[0] == '%':
		case data:
			err = s.addSample(line)
		case strings.EqualFold(line, "@data"):
			data = true
			err = s.checkHeader()
		default:
			err = s.readHeader(line)
		}
		if err != nil {
			return nil, errors.WithMessagef(err, "line %d", n)
		}
	}
	switch {
	case !data:
		return nil, errors.New("ends without a line @data")
	case len(s.samples) == 0:
		return nil, errors.New("has no series after @data")
	}
	return s, nil
}

// readHeader takes in a line before @data.
func (s *series) readHeader(line string) error {
	words := strings.Fields(line)
	if words[0][0] != '@' {
		return errors.Errorf("begins with %q, want @ and a word, # or @data before the series", firstRunes(line))
	}
	isTrue := len(words) > 1 && strings.EqualFold(words[1], "true")
	switch strings.ToLower(words[0]) {
	case "@timestamps":
		if isTrue {
			return errors.New("the series have time stamps, want values alone")
		}
	case "@targetlabel":
		if isTrue {
			return errors.New("the targets are numbers, want classes")
		}
	case "@classlabel":
		if !isTrue || len(words) < 3 {
			return errors.New("there are no classes, want @classLabel true and their names")
		}
		s.classes, s.number = words[2:], map[string]int{}
		for i, name := range s.classes {
			if _, twice := s.number[name]; twice {
				return errors.Errorf("class %s is named twice", name)
			}
			s.number[name] = i
		}
	}
	return nil // others, as @seriesLength, say what the data says
}

func (s *series) checkHeader() error {
	if s.classes == nil {
		return errors.New("no line @classLabel stands before @data")
	}
	return nil
}

// addSample takes in a series: its dimensions and its class, between colons.
func (s *series) addSample(line string) error {
	parts := strings.Split(line, ":")
	dims := len(parts) - 1
	switch {
	case dims < 1:
		return errors.Errorf("has no colon, want values, a colon and a class; it begins with %q", firstRunes(line))
	case s.dims == 0:
		s.dims = dims
	case dims != s.dims:
		return errors.Errorf("has %d dimensions, want the %d of the first series", dims, s.dims)
	}
	label, known := s.number[strings.TrimSpace(parts[dims])]
	if !known {
		return errors.Errorf("class is %q, want one of [%s]", firstRunes(parts[dims]), shorten(strings.Join(s.classes, " "), 200))
	}
	steps := strings.Count(parts[0], ",") + 1
	switch {
	case s.fixed && steps > s.steps:
		return errors.Errorf("has %d steps, want at most the %d of PadTo", steps, s.steps)
	case !s.fixed:
		s.steps = max(s.steps, steps)
	}
	var sample []float32
	for d, part := range parts[:dims] {
		values := strings.Split(part, ",")
		if len(values) != steps {
			return errors.Errorf("dimension %d has %d steps, want the %d of the first", d, len(values), steps)
		}
		if sample == nil {
			sample = make([]float32, steps*dims)
		}
		for t, text := range values {
			v, err := strconv.ParseFloat(strings.TrimSpace(text), 32)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return errors.Errorf("step %d of dimension %d is %q, want a finite number", t, d, firstRunes(text))
			}
			sample[t*dims+d] = float32(v)
		}
	}
	s.samples, s.labels = append(s.samples, sample), append(s.labels, label)
	return nil
}

// firstRunes is enough of a text to find it again.
func firstRunes(s string) string { return shorten(s, 20) }
