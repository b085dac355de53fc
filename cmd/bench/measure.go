package main

import (
	"runtime"
	"slices"
	"time"
)

// A timing is how long the repetitions of something took.
type timing struct {
	seconds []float64 // ascending
	allocs  float64   // a repetition
}

// repeat calls f warmup times and then, timed, up to times times. It stops after
// the limit, but not before three.
func repeat(f func() error, warmup, times int, limit time.Duration) (timing, error) {
	for range warmup {
		if err := f(); err != nil {
			return timing{}, err
		}
	}
	t := timing{seconds: make([]float64, 0, times)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for start := time.Now(); len(t.seconds) < times && (time.Since(start) < limit || len(t.seconds) < 3); {
		began := time.Now()
		if err := f(); err != nil {
			return timing{}, err
		}
		t.seconds = append(t.seconds, time.Since(began).Seconds())
	}
	runtime.ReadMemStats(&after)
	t.allocs = float64(after.Mallocs-before.Mallocs) / float64(len(t.seconds))
	slices.Sort(t.seconds)
	return t, nil
}

func (t timing) min() float64 { return t.seconds[0] }

func (t timing) median() float64 {
	n := len(t.seconds)
	return (t.seconds[(n-1)/2] + t.seconds[n/2]) / 2
}

func (t timing) p90() float64 { return t.seconds[(len(t.seconds)-1)*9/10] }
