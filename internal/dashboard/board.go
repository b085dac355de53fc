package dashboard

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A State is what a run is doing.
type State string

// The states of a run. The last three are final.
const (
	Running    State = "running"
	Validating State = "validating"
	Pausing    State = "pausing" // asked for, but the step at hand goes on
	Paused     State = "paused"
	Stopping   State = "stopping"
	Stopped    State = "stopped"
	Done       State = "done"
	Failed     State = "failed"
)

// Info is what does not change while a run goes on.
type Info struct {
	Run           string   `json:"run"`  // another one for each run
	Name          string   `json:"name"` // of the program
	Optimiser     string   `json:"optimiser"`
	Parameters    int      `json:"parameters"`
	Batch         int      `json:"batch"`
	Samples       int      `json:"samples"`
	Validation    int      `json:"validation"` // 0 without
	Epochs        int      `json:"epochs"`
	StepsPerEpoch int      `json:"stepsPerEpoch"`
	Metrics       []string `json:"metrics"`
	Checkpoints   bool     `json:"checkpoints"`

	// Pictures are PNGs, of samples of that data, and Truth is what they show.
	Pictures [][]byte `json:"-"`
	Source   string   `json:"source"`
	Truth    []string `json:"truth"`
}

// A Prediction is what a model takes a picture for.
type Prediction struct {
	Class      string `json:"class"`
	Right      bool   `json:"right"`
	Confidence number `json:"confidence"` // that it is of this class
	OfTruth    number `json:"ofTruth"`    // that it is of the one it is of
}

// Predicted returns a prediction.
func Predicted(class string, right bool, confidence, ofTruth float64) Prediction {
	return Prediction{class, right, number(confidence), number(ofTruth)}
}

// A Pace is how fast a run goes.
type Pace struct {
	Rate    float64 // samples a second, NaN if it is not known yet
	Elapsed time.Duration
	Left    time.Duration // negative if it is not known yet
}

// A Board is a run as viewers see it. The run writes to it, which takes a lock that
// viewers hold only to copy, and never waits for one. What it keeps is bounded.
type Board struct {
	info  Info
	asked atomic.Int32 // what viewers want

	mu          sync.Mutex
	changed     chan struct{} // closed when asked has
	version     uint64        // of all below
	status      status
	steps       *series // loss and learning rate
	running     *series // samples a second, and the metrics of an epoch so far
	epochs      *series // training: loss and metrics, then validation
	predictions []Prediction
	predicted   uint64 // version of these
}

// status is where a run stands.
type status struct {
	State   State   `json:"state"`
	Message string  `json:"message,omitempty"`
	Epoch   int     `json:"epoch"`
	Step    int     `json:"step"`
	Skipped int     `json:"skipped,omitempty"`
	Loss    number  `json:"loss"`
	LR      number  `json:"lr"`
	Rate    number  `json:"rate"`
	Elapsed float64 `json:"elapsed"` // seconds
	Left    *number `json:"left"`    // null if it is not known
}

// The values of asked.
const (
	askedGo int32 = iota
	askedPause
	askedStop
)

// NewBoard returns a board of a run that is about to start.
func NewBoard(info Info) *Board {
	return &Board{
		info: info, changed: make(chan struct{}), version: 1, status: status{State: Running},
		steps: newSeries(3), running: newSeries(2 + len(info.Metrics)), epochs: newSeries(3 + 2*len(info.Metrics)),
	}
}

// Step adds a step. It allocates nothing.
func (b *Board) Step(epoch, step, skipped int, loss, lr float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	b.steps.add(float64(step), loss, lr)
	b.status.Epoch, b.status.Step, b.status.Skipped = epoch, step, skipped
	b.status.Loss, b.status.LR = number(loss), number(lr)
}

// Pace says how fast the run goes, and what the metrics of the epoch are so far, nil where
// there is no epoch at hand.
func (b *Board) Pace(p Pace, metrics []float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	if metrics != nil {
		b.running.add(float64(b.status.Step), append([]float64{p.Rate}, metrics...)...)
	}
	b.status.Rate, b.status.Elapsed, b.status.Left = number(p.Rate), p.Elapsed.Seconds(), nil
	if p.Left >= 0 {
		left := number(p.Left.Seconds())
		b.status.Left = &left
	}
}

// Epoch adds an epoch that ended at a step: the loss and the metrics of training, then
// those of validation, NaN without.
func (b *Board) Epoch(epoch, step int, values []float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	b.epochs.add(float64(step), values...)
	b.status.Epoch, b.status.Step = epoch, step
}

// Predictions replaces those of the pictures.
func (b *Board) Predictions(ps []Prediction) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	b.predictions, b.predicted = slices.Clone(ps), b.version
}

// Enter changes what the run is doing. A final state is the last one; one that is not
// leaves alone what a viewer has asked for.
func (b *Board) Enter(s State, message string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if final(s) || b.asked.Load() == askedGo {
		b.enter(s, message)
	}
}

func (b *Board) enter(s State, message string) {
	if b.over() {
		return
	}
	b.version++
	b.status.State, b.status.Message = s, message
	if b.over() {
		b.status.Left = nil
		b.steps.flush()
		b.running.flush()
		b.epochs.flush()
	}
}

func (b *Board) over() bool { return final(b.status.State) }

func final(s State) bool { return s == Stopped || s == Done || s == Failed }

// ask is what a viewer does. It says whether there was still a run to ask.
func (b *Board) ask(what int32) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over() || b.asked.Load() == askedStop {
		return what == askedStop && !b.over()
	}
	b.asked.Store(what)
	close(b.changed)
	b.changed = make(chan struct{})
	switch paused := b.status.State == Paused; {
	case what == askedStop:
		b.enter(Stopping, "")
	case what == askedPause && !paused:
		b.enter(Pausing, "")
	case what == askedGo && !paused:
		b.enter(Running, "")
	}
	return true
}

// Columns returns what is measured of training, and of validation.
func (b *Board) Columns() []string { return append([]string{"loss"}, b.info.Metrics...) }

// Pausing says whether a viewer wants the run to pause: see [Board.Hold].
func (b *Board) Pausing() bool { return b.asked.Load() == askedPause }

// Stop says whether a viewer asked for the end of the run.
func (b *Board) Stop() bool { return b.asked.Load() == askedStop }

// Hold waits while a viewer wants the run to pause, and says how long that was. The error
// is that of ctx.
func (b *Board) Hold(ctx context.Context) (held time.Duration, err error) {
	if b.asked.Load() != askedPause {
		return 0, nil
	}
	began := time.Now()
	for {
		b.mu.Lock()
		changed, asked := b.changed, b.asked.Load()
		if asked == askedPause {
			b.enter(Paused, "")
		} else if asked == askedGo {
			b.enter(Running, "")
		}
		b.mu.Unlock()
		if asked != askedPause {
			return time.Since(began), nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return time.Since(began), ctx.Err()
		}
	}
}

// A view is what a viewer has seen.
type view struct {
	version, predicted     uint64
	steps, running, epochs place
}

// News are what is new to a viewer.
type news struct {
	Status      status       `json:"status"`
	Steps       *rows        `json:"steps,omitempty"`
	Running     *rows        `json:"running,omitempty"`
	Epochs      *rows        `json:"epochs,omitempty"`
	Predictions []Prediction `json:"predictions,omitempty"`
}

// since returns what is new, nil if nothing is.
func (b *Board) since(v *view) *news {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v.version == b.version {
		return nil
	}
	n := &news{Status: b.status, Steps: b.steps.since(&v.steps), Running: b.running.since(&v.running), Epochs: b.epochs.since(&v.epochs)}
	if v.predicted != b.predicted {
		n.Predictions = b.predictions
	}
	v.version, v.predicted = b.version, b.predicted
	return n
}
