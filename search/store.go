package search

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
)

// The names in these files are part of their format.
const (
	studyName = "study.json"
	version   = 1
	maxFile   = 1 << 20
)

// studyFile says what a folder is of.
type studyFile struct {
	Version   int      `json:"version"`
	Space     []string `json:"space"`
	Algorithm string   `json:"algorithm"`
	Seed      uint64   `json:"seed"`
	Maximize  bool     `json:"maximize"`
	Epochs    int      `json:"epochs"`
}

// outcomeFile is an [Outcome].
type outcomeFile struct {
	Trial   int                        `json:"trial"`
	Rung    int                        `json:"rung"`
	Epochs  int                        `json:"epochs"`
	Values  map[string]json.RawMessage `json:"values"`
	Value   float64                    `json:"value"`
	Err     string                     `json:"error,omitempty"`
	Seconds float64                    `json:"seconds"`
}

func trialFolder(n int) string { return fmt.Sprintf("trial-%05d", n) }

// open makes or reads the folder.
func (s *study) open() error {
	if s.folder == "" {
		dir, err := os.MkdirTemp("", "search")
		s.folder, s.temporary = dir, true
		return errors.WithStack(err)
	}
	if err := os.MkdirAll(s.folder, 0o777); err != nil {
		return errors.WithStack(err)
	}
	now := studyFile{version, nil, s.algorithm.String(), s.seed, s.maximize, s.epochs}
	for _, p := range s.space {
		now.Space = append(now.Space, p.String())
	}
	path := filepath.Join(s.folder, studyName)
	var then studyFile
	switch err := readJSON(path, &then); {
	case os.IsNotExist(errors.Cause(err)):
		return writeJSON(path, now)
	case err != nil:
		return err
	}
	if err := now.differs(then); err != nil {
		return errors.WithMessagef(err, "%s is of another study", s.folder)
	}
	return s.read()
}

// close removes a folder that nobody asked for.
func (s *study) close() {
	if s.temporary {
		_ = os.RemoveAll(s.folder)
	}
}

// differs names what is not equal.
func (f studyFile) differs(then studyFile) error {
	for _, d := range []struct {
		what      string
		was, is   any
		different bool
	}{
		{"version", then.Version, f.Version, then.Version != f.Version},
		{"space", strings.Join(then.Space, ", "), strings.Join(f.Space, ", "), !slices.Equal(then.Space, f.Space)},
		{"algorithm", then.Algorithm, f.Algorithm, then.Algorithm != f.Algorithm},
		{"seed", then.Seed, f.Seed, then.Seed != f.Seed},
		{"direction: maximize", then.Maximize, f.Maximize, then.Maximize != f.Maximize},
		{"epochs", then.Epochs, f.Epochs, then.Epochs != f.Epochs},
	} {
		if d.different {
			return errors.Errorf("its %s was %v and is %v", d.what, d.was, d.is)
		}
	}
	return nil
}

// read reads the outcomes that are there.
func (s *study) read() error {
	paths, err := filepath.Glob(filepath.Join(escaped(s.folder), "trial-*", "outcome-*.json"))
	if err != nil {
		return errors.WithStack(err)
	}
	for _, path := range paths {
		var f outcomeFile
		if err := readJSON(path, &f); err != nil {
			return err
		}
		o, err := s.outcome(f)
		if err == nil && path != s.path(o) {
			err = errors.Errorf("it is of trial %d, rung %d, under another name", o.Trial, o.Rung)
		}
		if err != nil {
			return errors.WithMessagef(err, "%s; remove it to try that again", path)
		}
		s.outcomes = append(s.outcomes, o)
	}
	return nil
}

// escaped is a path in a pattern.
func escaped(path string) string {
	return strings.NewReplacer("*", `[*]`, "?", `[?]`, "[", `[[]`).Replace(path)
}

// outcome checks what a file says.
func (s *study) outcome(f outcomeFile) (Outcome, error) {
	o := Outcome{Trial: f.Trial, Rung: f.Rung, Epochs: f.Epochs, Values: point{}, Value: f.Value, Err: f.Err,
		Duration: time.Duration(f.Seconds * float64(time.Second))}
	if f.Trial < 0 || f.Rung < 0 || f.Epochs < 1 || math.IsNaN(f.Seconds) || f.Seconds < 0 {
		return o, errors.New("it has a negative number")
	}
	if len(f.Values) != len(s.space) {
		return o, errors.Errorf("it has %d values, want %d", len(f.Values), len(s.space))
	}
	for _, p := range s.space {
		v, err := p.parse(f.Values[p.name])
		if err != nil {
			return o, err
		}
		o.Values[p.name] = v
	}
	return o, nil
}

// parse reads a value of the parameter.
func (p Param) parse(raw json.RawMessage) (any, error) {
	var v any
	var err error
	switch p.kind {
	case float, logFloat:
		v, err = parsed[float64](raw)
	case integer, logInt:
		v, err = parsed[int](raw)
	default:
		v, err = parsed[string](raw)
	}
	if err != nil || !p.fits(v) {
		return nil, errors.Errorf("its value of %q is %s, want one of %v", p.name, raw, p)
	}
	return v, nil
}

func parsed[T any](raw json.RawMessage) (v T, err error) {
	return v, json.Unmarshal(raw, &v)
}

// stored returns the outcome of a try that is there.
func (s *study) stored(t try) (Outcome, bool) {
	s.writing.Lock()
	defer s.writing.Unlock()
	i := slices.IndexFunc(s.outcomes, func(o Outcome) bool { return o.Trial == t.trial && o.Rung == t.rung })
	if i < 0 {
		return Outcome{}, false
	}
	return s.outcomes[i], true
}

// keep stores an outcome and reports it.
func (s *study) keep(o Outcome) error {
	f := outcomeFile{o.Trial, o.Rung, o.Epochs, map[string]json.RawMessage{}, o.Value, o.Err, o.Duration.Seconds()}
	for name, v := range o.Values {
		raw, err := json.Marshal(v)
		if err != nil {
			return errors.WithStack(err)
		}
		f.Values[name] = raw
	}
	if !s.temporary {
		if err := writeJSON(s.path(o), f); err != nil {
			return err
		}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.outcomes = append(s.outcomes, o)
	s.report(o)
	return nil
}

func (s *study) path(o Outcome) string {
	return filepath.Join(s.folder, trialFolder(o.Trial), fmt.Sprintf("outcome-%d.json", o.Rung))
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return errors.WithStack(err)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return errors.WithStack(err)
	})
	return errors.WithMessage(err, path)
}

func readJSON(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return errors.WithMessage(errors.WithStack(err), path)
	case len(b) > maxFile:
		return errors.Errorf("%s: it has over %d bytes, want a file of package search", path, maxFile)
	}
	return errors.WithMessage(errors.WithStack(json.Unmarshal(b, v)), path)
}
