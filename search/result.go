package search

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// A Result is what a study has found.
type Result struct {
	Space    Space
	Outcomes []Outcome // by trial, and of one trial by epochs
	maximize bool
}

// An Outcome is what a trial gave after some epochs.
type Outcome struct {
	Trial  int
	Rung   int // of a bracket of Hyperband, else 0
	Epochs int
	// Values has a float64, an int or a string for each parameter.
	Values map[string]any
	Value  float64 // what the objective returned
	Err    string  // why the trial failed, empty if it did not
	// Duration is that of the call of the objective.
	Duration time.Duration
}

func (r *Result) sort() {
	slices.SortFunc(r.Outcomes, func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(a.Trial, b.Trial), cmp.Compare(a.Rung, b.Rung))
	})
}

// better says whether a is a better outcome than b: after more epochs, or with a better
// value. A value after few epochs says little beside one after many.
func (r *Result) better(a, b Outcome) bool {
	switch {
	case a.Epochs != b.Epochs:
		return a.Epochs > b.Epochs
	case r.maximize:
		return a.Value > b.Value
	}
	return a.Value < b.Value
}

// Best returns the best outcome among those that were trained for longest. It is an error if
// all trials have failed, or there is none.
func (r *Result) Best() (Outcome, error) {
	best := -1
	for i, o := range r.Outcomes {
		if o.Err == "" && (best < 0 || r.better(o, r.Outcomes[best])) {
			best = i
		}
	}
	switch {
	case best >= 0:
		return r.Outcomes[best], nil
	case len(r.Outcomes) == 0:
		return Outcome{}, errors.New("there is no trial")
	}
	return Outcome{}, errors.Errorf("all trials have failed; the first: %s", r.Outcomes[0].Err)
}

// text is the values in the order of the space.
func (o Outcome) text(s Space) string {
	var out []string
	for _, p := range s {
		out = append(out, p.name+" "+shown(o.Values[p.name]))
	}
	return strings.Join(out, ", ")
}

func shown(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', 4, 64)
	}
	return fmt.Sprint(v)
}

// String is a table of the best outcomes, at most ten, the best first.
func (r *Result) String() string {
	var b strings.Builder
	ranked := slices.DeleteFunc(slices.Clone(r.Outcomes), func(o Outcome) bool { return o.Err != "" })
	slices.SortStableFunc(ranked, func(a, b Outcome) int {
		switch {
		case r.better(a, b):
			return -1
		case r.better(b, a):
			return 1
		}
		return 0
	})
	for _, o := range ranked[:min(10, len(ranked))] {
		fmt.Fprintf(&b, "trial %d: %.6g after %d epochs, %s\n", o.Trial, o.Value, o.Epochs, o.text(r.Space))
	}
	if failed := len(r.Outcomes) - len(ranked); failed > 0 {
		fmt.Fprintf(&b, "%d of %d failed\n", failed, len(r.Outcomes))
	}
	return b.String()
}

// WriteCSV writes a line for each outcome under a header: trial, epochs, the parameters,
// value, error, seconds.
func (r *Result) WriteCSV(w io.Writer) error {
	if w == nil {
		return errors.New("search.Result.WriteCSV: the writer is nil")
	}
	c := csv.NewWriter(w)
	head := []string{"trial", "epochs"}
	for _, p := range r.Space {
		head = append(head, p.name)
	}
	lines := [][]string{append(head, "value", "error", "seconds")}
	for _, o := range r.Outcomes {
		line := []string{strconv.Itoa(o.Trial), strconv.Itoa(o.Epochs)}
		for _, p := range r.Space {
			line = append(line, fmt.Sprint(o.Values[p.name]))
		}
		value := strconv.FormatFloat(o.Value, 'g', -1, 64)
		if o.Err != "" {
			value = ""
		}
		lines = append(lines, append(line, value, o.Err, strconv.FormatFloat(o.Duration.Seconds(), 'f', 3, 64)))
	}
	return errors.Wrap(c.WriteAll(lines), "search.Result.WriteCSV")
}
