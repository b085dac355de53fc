package train

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A reporter tells a person how training goes.
type reporter interface {
	begin(epoch int)
	advance(samples int, so Evaluation)
	end(e Epoch)
	abort()
}

// newReporter returns a bar for a terminal, lines for any other writer.
func newReporter(w io.Writer, epochs, samples int) reporter {
	if w == nil {
		return lines{io.Discard, epochs}
	}
	if f, isFile := w.(*os.File); isFile && term.IsTerminal(int(f.Fd())) {
		return &bar{w: w, epochs: epochs, samples: samples}
	}
	return lines{w, epochs}
}

// line sums an epoch up.
func line(e Epoch, epochs int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "epoch %d/%d  %v", e.Number, epochs, e.Evaluation)
	if e.Validation != nil {
		fmt.Fprintf(&b, "  val: %v", *e.Validation)
	}
	fmt.Fprintf(&b, "  %.0f samples/s  %v", float64(e.Samples)/e.Duration.Seconds(), e.Duration.Round(100*time.Millisecond))
	return b.String()
}

// lines writes a line per epoch. What cannot be written is not worth a failed
// training.
type lines struct {
	w      io.Writer
	epochs int
}

func (l lines) begin(int)               {}
func (l lines) advance(int, Evaluation) {}
func (l lines) abort()                  {}
func (l lines) end(e Epoch)             { fmt.Fprintln(l.w, line(e, l.epochs)) }

// bar draws a progress bar per epoch, with the loss and metrics so far, samples
// per second and the time left, and leaves the line of the epoch in its place.
type bar struct {
	w               io.Writer
	epochs, samples int
	epoch           int
	b               *progressbar.ProgressBar
}

func (r *bar) begin(epoch int) {
	r.epoch = epoch
	r.b = progressbar.NewOptions(r.samples,
		progressbar.OptionSetWriter(r.w),
		progressbar.OptionSetDescription(fmt.Sprintf("epoch %d/%d", epoch+1, r.epochs)),
		progressbar.OptionSetWidth(20),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("samples"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

func (r *bar) advance(samples int, so Evaluation) {
	r.b.Describe(fmt.Sprintf("epoch %d/%d  %v", r.epoch+1, r.epochs, so))
	_ = r.b.Add(samples)
}

func (r *bar) end(e Epoch) {
	_ = r.b.Finish()
	fmt.Fprintln(r.w, line(e, r.epochs))
}

func (r *bar) abort() {
	if r.b != nil {
		_ = r.b.Clear()
	}
}
