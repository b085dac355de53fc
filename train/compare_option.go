package train

import (
	"fmt"
	"io"
	"os"
	"time"
)

// A CompareOption adjusts how [Compare] goes about its work. None changes a
// figure. One that is nil, or that is given an empty name, is as if it were left
// out; [LogTo] alone has a use for nil.
type CompareOption func(*compareSettings)

type compareSettings struct {
	folder      string
	atOnce      int // 0 for as many as there is room for
	parallel    bool
	every       int
	keepWeights bool
	out         io.Writer
}

func defaultCompare() compareSettings { return compareSettings{every: 1, out: os.Stderr} }

// ResultsIn makes [Compare] keep its results in a folder, which is made if it is
// not there: a JSON file for each run that has ended, and a checkpoint for each
// that has not. Files are replaced whole or not at all. That nothing can be stored
// there is an error before any training.
func ResultsIn(folder string) CompareOption { return func(s *compareSettings) { s.folder = folder } }

// Parallel sets how many models are trained at the same time. By default that is one
// for each of the threads of [graph.SetThreads], which they share, but no more than
// fit the memory that Linux says is free, each taken to need twice its weights, two
// moments of them and the buffers that [graph.Model.Memory] returns; on other systems
// it is 1. Give 1 if functions of the study share something that only one run at a
// time may use.
func Parallel(n int) CompareOption {
	return func(s *compareSettings) { s.atOnce, s.parallel = n, true }
}

// CheckpointEvery sets after how many epochs a run stores its state in the
// folder of [ResultsIn], 1 by default.
func CheckpointEvery(epochs int) CompareOption {
	return func(s *compareSettings) { s.every = epochs }
}

// KeepWeights stores the weights of each trained model beside its results, as
// [export.SaveSafetensors] does: see [Run].
func KeepWeights() CompareOption { return func(s *compareSettings) { s.keepWeights = true } }

// LogTo sets where [Compare] writes a line for each run that has ended: standard
// error by default, nil for nowhere. For a line per epoch, give [ReportTo] among
// the options of the study.
func LogTo(w io.Writer) CompareOption { return func(s *compareSettings) { s.out = w } }

// log writes a line on a run, with the time since Compare began unless the run was
// stored before.
func (c *comparing) log(r *Run, stored bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended++
	if c.out == nil {
		return
	}
	result := r.History.Last().Evaluation
	what := "training"
	if v := r.History.Last().Validation; v != nil {
		what, result = "validation", *v
	}
	if r.Test != nil {
		what, result = "test", *r.Test
	}
	after := "stored"
	if !stored {
		after = time.Since(c.began).Round(100 * time.Millisecond).String()
	}
	fmt.Fprintf(c.out, "%d/%d  %s: %s %v  (%s)\n", c.ended, c.runs(), r.name(), what, result, after)
}
