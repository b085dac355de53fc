package regularize

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
)

// rate is the probability to drop: p, or what a schedule makes of it at a step.
type rate struct {
	p        float64
	schedule Schedule
}

// newRate applies options to p, and reports at s what is no probability.
func newRate(s *graph.Scope, p float64, opts []Option) rate {
	r := rate{p: p}
	for _, opt := range opts {
		opt.option(&r)
	}
	r.check(s)
	return r
}

func (r rate) check(s *graph.Scope) {
	switch {
	case !(r.p >= 0 && r.p <= 1): // this way round, NaN fails too
		s.Errorf("p is %v, want 0 ≤ p ≤ 1", r.p)
	case r.schedule.err != nil:
		s.Fail(r.schedule.err)
	}
}

// checkEnd reports that there is no rate for what evaluation makes of it.
func (r rate) checkEnd(s *graph.Scope, what string) {
	if r.schedule.draws {
		s.Errorf("%s with RandomRate leaves evaluation without a rate, want a schedule that ends with one", what)
	}
}

// never says that nothing is dropped at any step.
func (r rate) never() bool {
	return r.schedule.of == nil && kernel.NewMask(philox.Key{}, 0, r.p).Threshold == 0
}

// at returns the probability at a step of a stream.
func (r rate) at(key philox.Key, step uint64) float64 {
	if r.schedule.of == nil {
		return r.p
	}
	p := r.schedule.of(r.p, moment{key, step})
	if p != p {
		return 1
	}
	return min(max(p, 0), 1)
}

// finalKeep returns the probability to keep that training ends with.
func (r rate) finalKeep() float64 {
	t := kernel.NewMask(philox.Key{}, 0, r.at(philox.Key{}, math.MaxUint64)).Threshold
	return 1 - float64(t)/(1<<16)
}

// String is that of p alone where it is constant.
func (r rate) String() string {
	if r.schedule.of == nil {
		return fmt.Sprintf("p %v", r.p)
	}
	return fmt.Sprintf("p %v, %s", r.p, r.schedule.name)
}
