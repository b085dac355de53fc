package search

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// Run tries points of a space. What came out is in the result, also after an error, such as
// that of a ctx that ended: trials under way then count as not tried.
//
// Options: [In], [Seed], [Parallel], [Maximize], [Epochs], [ReportTo].
func Run(ctx context.Context, space Space, objective Objective, algorithm Algorithm, opts ...Option) (*Result, error) {
	s := &study{ctx: ctx, space: space, objective: objective, algorithm: algorithm, seed: 1, parallel: 1, epochs: 1, out: os.Stderr}
	guard.Apply(s, opts)
	err := s.check()
	if err == nil {
		err = s.open()
	}
	if err == nil {
		defer s.close()
		err = algorithm.run(s)
	}
	r := &Result{Space: space, Outcomes: s.outcomes, maximize: s.maximize}
	r.sort()
	if err == nil {
		_, err = r.Best()
	}
	return r, guard.At("search.Run", err)
}

// An Option adjusts [Run].
type Option func(*study)

// In keeps the study in a folder, which is made if it is not there: what each trial gave,
// and the folders of trials. Run again with it goes on where the study was, and tries
// nothing twice. A folder of another study, of another space, algorithm or seed, is an error.
// One folder is for one process at a time.
func In(folder string) Option { return func(s *study) { s.folder = folder } }

// Seed sets what is drawn, 1 by default.
func Seed(seed uint64) Option { return func(s *study) { s.seed = seed } }

// Parallel sets how many trials run at once, 1 by default. The objective must allow it. Each
// trains with as many threads as there are, so that small models gain most; memory is that
// of all of them. n ≥ 1.
func Parallel(n int) Option { return func(s *study) { s.parallel = n } }

// Maximize looks for the largest value, such as an accuracy.
func Maximize() Option { return func(s *study) { s.maximize = true } }

// Epochs sets what [Trial.Epochs] returns, 1 by default; [Hyperband] has its own. n ≥ 1.
func Epochs(n int) Option { return func(s *study) { s.epochs = n } }

// ReportTo sets where a line is written for each trial that ends: standard error by default,
// nil for nowhere.
func ReportTo(w io.Writer) Option { return func(s *study) { s.out = w } }

// A study is one call of Run.
type study struct {
	ctx       context.Context
	space     Space
	objective Objective
	algorithm Algorithm
	folder    string
	seed      uint64
	parallel  int
	maximize  bool
	epochs    int
	out       io.Writer

	temporary bool // the folder
	writing   sync.Mutex
	outcomes  []Outcome
}

// A try is a trial at a rung.
type try struct {
	trial  int
	values point
	epochs int
	rung   int
}

func (s *study) check() error {
	switch {
	case s.ctx == nil:
		return errors.New("the context is nil")
	case s.objective == nil:
		return errors.New("the objective is nil")
	case s.algorithm.run == nil:
		return errors.New("the algorithm is empty, want one such as search.Random(20)")
	case s.algorithm.err != nil:
		return s.algorithm.err
	case s.parallel < 1:
		return errors.Errorf("Parallel is %d, want at least 1", s.parallel)
	case s.epochs < 1:
		return errors.Errorf("Epochs is %d, want at least 1", s.epochs)
	}
	return s.space.check()
}

// all runs tries, some at a time, and returns their outcomes in order.
func (s *study) all(tries []try) ([]Outcome, error) {
	out := make([]Outcome, len(tries))
	var wrong error
	var group sync.WaitGroup
	places := make(chan struct{}, s.parallel)
	for i, t := range tries {
		if o, done := s.stored(t); done {
			out[i] = o
			continue
		}
		places <- struct{}{}
		if s.failed(&wrong) != nil {
			break
		}
		group.Go(func() {
			defer func() { <-places }()
			o, err := s.one(t)
			s.writing.Lock()
			defer s.writing.Unlock()
			if out[i] = o; err != nil && wrong == nil {
				wrong = err
			}
		})
	}
	group.Wait()
	return out, s.failed(&wrong)
}

// failed returns what ends the study: an error of it, or that of the context.
func (s *study) failed(wrong *error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if *wrong == nil {
		*wrong = s.ctx.Err()
	}
	return *wrong
}

// one runs a try and keeps its outcome. An error is one of the study.
func (s *study) one(t try) (Outcome, error) {
	trial := &Trial{number: t.trial, values: t.values, space: s.space, epochs: t.epochs, folder: filepath.Join(s.folder, trialFolder(t.trial))}
	if err := os.MkdirAll(trial.folder, 0o777); err != nil {
		return Outcome{}, errors.WithStack(err)
	}
	began := time.Now()
	o := Outcome{Trial: t.trial, Rung: t.rung, Epochs: t.epochs, Values: t.values}
	err := guard.Call("the objective", func() (err error) {
		o.Value, err = s.objective(s.ctx, trial)
		return err
	})
	switch {
	case s.ctx.Err() != nil && err != nil: // cut off: it is as if it had not begun
		return Outcome{}, s.ctx.Err()
	case err != nil:
		o.Err = err.Error()
	case trial.wrong != nil:
		o.Err = trial.wrong.Error()
	case math.IsNaN(o.Value) || math.IsInf(o.Value, 0):
		o.Err = fmt.Sprintf("the value is %v", o.Value)
	}
	if o.Err != "" {
		o.Value = 0
	}
	o.Duration = time.Since(began)
	return o, s.keep(o)
}

// report writes a line about an outcome.
func (s *study) report(o Outcome) {
	if s.out == nil {
		return
	}
	result := fmt.Sprintf("%.6g", o.Value)
	if o.Err != "" {
		result = "failed: " + o.Err
	}
	fmt.Fprintf(s.out, "trial %d, %s: %s after %d epochs, %v\n", o.Trial, o.text(s.space), result, o.Epochs, o.Duration.Round(time.Millisecond))
}
