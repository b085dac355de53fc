package train

import (
	"crypto/rand"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/dashboard"
)

// Dashboard returns a callback that serves a live page of the run, for a browser:
//
//	train.Callbacks(train.Dashboard(":8080"))
//
// It shows the loss, the metrics, the learning rate and the samples per second as curves,
// the time left, and, where the model classifies images, some validation samples with
// what the model takes them for, or training samples if there are no others. Buttons
// pause and stop the run. Any number of browsers, up to 64, may look on, come late and come
// back: each gets all there is. The page needs nothing from elsewhere.
//
// # Where
//
// The address is HOST:PORT. Without a host, as in ":8080", it is 127.0.0.1, and the page is
// for this machine only, unlike in [net/http]; without a port, or with port 0, it is one that
// is free. Where Fit reports, a line has the URL when training begins, and [LivePage.URL]
// returns it. An address that cannot be listened at is an error of Fit before the first step.
//
// A host such as "0.0.0.0" opens the page to the network: then all who reach the machine
// see the run, with samples of the data, and the traffic is not encrypted. From elsewhere,
// "ssh -L 8080:localhost:8080" is the better way. What pauses and stops the run is only for
// those who have the URL, which ends in a secret of this run.
//
// # Pause and stop
//
// A run pauses before its next step, validation done, and goes on by the button, or ends
// with the context of Fit. The time does not count for [Epoch.Duration]. Stopped, it ends
// after the step at hand, or after the validation at hand, as by [Stop]: with [Checkpoints]
// one is saved, and Fit returns no error.
//
// # When and how much
//
// The page is served from Begin to End: then it is told how the run ended, keeps what it
// shows, and is served no more. Fit waits up to a second for browsers to be told.
//
// No bit of the run depends on the page, and a step never waits for a browser. What is kept
// is bounded: of a long run, neighbouring steps are shown by their mean. Predictions are
// made anew where an epoch, a pause or the run ends, and within an epoch while someone looks
// on, for at most a hundredth of the time. A page is of one run at a time.
func Dashboard(addr string) *LivePage { return &LivePage{addr: addr} }

// LivePage is the callback that [Dashboard] makes.
type LivePage struct {
	NoCallback
	addr   string
	url    atomic.Pointer[string]
	server *dashboard.Server
	board  *dashboard.Board
	shown  shownSamples
	pace   pace
	values []float64 // of an epoch, or of the metrics so far; not nil
}

// URL returns the address of the page, with the secret that lets it pause and stop the run;
// "" before Begin. It may be called while Fit runs.
func (p *LivePage) URL() string {
	if url := p.url.Load(); url != nil {
		return *url
	}
	return ""
}

// Begin implements [Callback].
func (p *LivePage) Begin(t *Training) error {
	if err := p.shown.choose(t); err != nil {
		return errors.WithMessage(err, "Dashboard")
	}
	info := p.info(t)
	p.shown.describe(&info)
	p.board = dashboard.NewBoard(info)
	server, err := dashboard.Listen(p.addr, p.board)
	if err != nil {
		return errors.WithMessagef(err, "Dashboard(%q)", p.addr)
	}
	url := server.URL()
	p.server, p.pace, p.values = server, newPace(), []float64{}
	p.url.Store(&url)
	for i, e := range t.f.history.Epochs { // of a run that goes on
		p.addEpoch(t, e, (i+1)*t.StepsPerEpoch())
	}
	p.predict(t)
	t.Report("the run is shown at " + url)
	return nil
}

func (p *LivePage) info(t *Training) dashboard.Info {
	info := dashboard.Info{
		Run: rand.Text(), Name: filepath.Base(os.Args[0]), Optimiser: fmt.Sprintf("%T", t.Optimiser()),
		Batch: t.BatchSize(), Samples: t.f.loader.samples(), Epochs: t.Epochs(), StepsPerEpoch: t.StepsPerEpoch(),
		Checkpoints: t.f.checkpoints != nil, Metrics: []string{},
	}
	if o, ours := t.Optimiser().(*Optimizer); ours {
		info.Optimiser = o.describe()
	}
	if v := t.Validation(); v != nil {
		info.Validation = v.Len()
	}
	for _, w := range t.Model().Weights() {
		if w.Trainable {
			info.Parameters += w.Value.Shape().TotalSize()
		}
	}
	for _, m := range t.f.metrics {
		info.Metrics = append(info.Metrics, m.Name())
	}
	return info
}

// BeforeStep implements [Callback].
func (p *LivePage) BeforeStep(t *Training) error {
	if p.board.Pausing() {
		p.predict(t)
		held, err := p.board.Hold(t.Context())
		p.pace.rest(held)
		t.f.began = t.f.began.Add(held)
		if err != nil {
			return err
		}
	}
	if p.board.Stop() {
		return Stop
	}
	p.pace.start()
	return nil
}

// AfterStep implements [Callback]. It allocates nothing but what metrics do, and that ten
// times a second.
func (p *LivePage) AfterStep(t *Training) error {
	now := time.Now()
	p.board.Step(t.Epoch(), t.Steps(), t.Skipped(), t.Result().Loss, t.LearningRate())
	p.pace.step(now, t.Batch().samples())
	if p.pace.due(now) {
		p.values = p.values[:0]
		for _, m := range t.f.metrics {
			p.values = append(p.values, m.Value())
		}
		p.board.Pace(p.pace.now(now, t), p.values)
	}
	if p.shown.due(now) && p.server.Viewers() > 0 {
		p.predict(t)
	}
	if p.board.Stop() {
		return Stop
	}
	return nil
}

// BeforeValidation implements [Validating].
func (p *LivePage) BeforeValidation(*Training) error {
	p.pace.pause(time.Now())
	p.board.Enter(dashboard.Validating, "")
	return nil
}

// AfterValidation implements [Validating].
func (p *LivePage) AfterValidation(*Training) error {
	p.pace.validated(time.Now())
	p.board.Enter(dashboard.Running, "")
	return nil
}

// EndEpoch implements [Callback].
func (p *LivePage) EndEpoch(t *Training, e Epoch) error {
	p.pace.pause(time.Now())
	p.addEpoch(t, e, t.Steps())
	if p.shown.due(time.Now()) {
		p.predict(t)
	}
	return nil
}

func (p *LivePage) addEpoch(t *Training, e Epoch, step int) {
	p.values = p.values[:0]
	for _, of := range []*Evaluation{&e.Evaluation, e.Validation} {
		for _, name := range p.board.Columns() {
			v, ok := of.measure(name)
			if !ok {
				v = math.NaN()
			}
			p.values = append(p.values, v)
		}
	}
	p.board.Epoch(e.Number, step, p.values)
}

// predict shows what the model makes of the samples. That it cannot is no reason to end
// training.
func (p *LivePage) predict(t *Training) {
	ps, err := p.shown.predict(t)
	if err != nil {
		t.Report("Dashboard shows no predictions: " + err.Error())
		return
	}
	if ps != nil {
		p.board.Predictions(ps)
	}
}

// End implements [Callback].
func (p *LivePage) End(t *Training, err error) error {
	if p.server == nil {
		return nil
	}
	so := fmt.Sprintf("after %d of %d epochs", len(t.f.history.Epochs), t.Epochs())
	p.board.Pace(p.pace.now(time.Now(), t), nil)
	if err == nil {
		p.predict(t)
	}
	switch {
	case t.f.cancelled(err):
		p.board.Enter(dashboard.Stopped, so+": "+t.f.ctx.Err().Error())
	case err != nil:
		p.board.Enter(dashboard.Failed, err.Error())
	case len(t.f.history.Epochs) < t.Epochs():
		p.board.Enter(dashboard.Stopped, so)
	default:
		p.board.Enter(dashboard.Done, "")
	}
	p.server.Close()
	p.server = nil
	return nil
}
