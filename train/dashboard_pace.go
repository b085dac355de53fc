package train

import (
	"math"
	"time"

	"github.com/thinnet/thinnet/internal/dashboard"
)

// pace measures how fast a run goes, without the time of pauses and validation.
type pace struct {
	began  time.Time // moved on by pauses
	last   time.Time // when the last step ended or the first one began, zero between
	shown  time.Time
	closed time.Time // when the last step before a validation ended

	fresh, recent work          // since it was shown, and with that of before, which fades
	validation    time.Duration // of the last one
}

// work is so many seconds of steps.
type work struct{ seconds, steps, samples float64 }

// memory is after how many seconds of work it counts only 1/e.
const memory = 2.0

func newPace() pace { return pace{began: time.Now(), shown: time.Now()} }

// start is for the first step after a rest.
func (p *pace) start() {
	if p.last.IsZero() {
		p.last = time.Now()
	}
}

func (p *pace) step(now time.Time, samples int) {
	p.fresh.seconds += now.Sub(p.last).Seconds()
	p.fresh.steps++
	p.fresh.samples += float64(samples)
	p.last = now
}

// due says whether there is something new to show.
func (p *pace) due(now time.Time) bool { return now.Sub(p.shown) >= interval }

// pause is for time that is not of steps.
func (p *pace) pause(now time.Time) { p.last, p.closed = time.Time{}, now }

func (p *pace) validated(now time.Time) { p.validation = now.Sub(p.closed) }

// rest leaves a pause out.
func (p *pace) rest(held time.Duration) {
	p.last = time.Time{}
	p.began = p.began.Add(held)
}

// now sums up, and begins to measure anew.
func (p *pace) now(at time.Time, t *Training) dashboard.Pace {
	fade := math.Exp(-p.fresh.seconds / memory)
	p.recent.seconds = fade*p.recent.seconds + p.fresh.seconds
	p.recent.steps = fade*p.recent.steps + p.fresh.steps
	p.recent.samples = fade*p.recent.samples + p.fresh.samples
	p.shown, p.fresh = at, work{}
	out := dashboard.Pace{Rate: p.recent.samples / p.recent.seconds, Elapsed: at.Sub(p.began), Left: -1}
	if p.recent.steps > 0 {
		steps := float64(t.Epochs()*t.StepsPerEpoch() - t.Steps())
		validations := t.Epochs() - len(t.f.history.Epochs)
		out.Left = time.Duration(steps/p.recent.steps*p.recent.seconds*float64(time.Second)) + time.Duration(validations)*p.validation
	}
	return out
}
