package regularize

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// rate is the probability to drop: p, or what a schedule makes of it at a step.
type rate struct {
	p        float64
	schedule Schedule
	ended    bool // whether training is over, as in predictions
}

// newRate applies options to p, and reports at s what is no probability.
func newRate(s *graph.Scope, p float64, opts []Option) rate {
	r := rate{p: p}
	for _, opt := range guard.Given(opts) {
		opt.option(&r)
	}
	r.check(s)
	return r
}

// take sets the schedule, of which a node has one at most.
func (r *rate) take(sc Schedule) {
	switch {
	case sc.of == nil && sc.err == nil:
		sc.err = errors.New("the Schedule is the zero value, want one that LinearRate, CurriculumRate, RandomRate or RateFunc returns")
	case r.schedule.of != nil:
		sc.err = errors.Errorf("two schedules are given, %s and %s, want one", r.schedule.name, sc.name)
	}
	r.schedule = sc
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

// most returns the largest rate there may be at any step.
func (r rate) most() float64 {
	if r.schedule.own {
		return 1
	}
	return max(r.p, r.schedule.from)
}

// never says that nothing is dropped at any step.
func (r rate) never() bool { return threshold(r.most()) == 0 }

// at returns the probability at a step of a stream.
func (r rate) at(key philox.Key, step uint64) float64 {
	if r.schedule.of == nil {
		return r.p
	}
	p := r.schedule.of(r.p, moment{key, step, r.ended})
	if p != p {
		return 1
	}
	return min(max(p, 0), 1)
}

// finalKeep returns the probability to keep that training ends with.
func (r rate) finalKeep() float64 {
	r.ended = true
	return 1 - float64(threshold(r.at(philox.Key{}, 0)))/(1<<16)
}

// threshold is p in 65536ths, as draws have it.
func threshold(p float64) uint32 { return kernel.NewMask(philox.Key{}, 0, p).Threshold }

// An opAt is an op at a step, with the rate there.
type opAt[Op any] struct {
	op   Op
	step uint64
	p    float64
}

// opAtStep takes the step as a tensor of one element.
func opAtStep[Op any](op Op, key philox.Key, r rate, step *tensor.Dense) opAt[Op] {
	n := uint64(step.Ints()[0])
	return opAt[Op]{op, n, r.at(key, n)}
}

// text is what a summary says of the rate.
func (r rate) text() string {
	if r.schedule.of == nil {
		return fmt.Sprintf("p=%v", r.p)
	}
	return fmt.Sprintf("p=%v, %s", r.p, r.schedule.name)
}

// String is that of p alone where it is constant.
func (r rate) String() string {
	if r.schedule.of == nil {
		return fmt.Sprintf("p %v", r.p)
	}
	return fmt.Sprintf("p %v, %s, ended %v", r.p, r.schedule.name, r.ended)
}
