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
	advance(samples int, sum *scores)
	end(e Epoch)
	abort()
	note(line string)
}

// newReporter returns a bar for a terminal, lines for any other writer.
func newReporter(w io.Writer, epochs, samples int) reporter {
	if w == nil {
		return lines{io.Discard, epochs}
	}
	if f, isFile := w.(*os.File); isFile && term.IsTerminal(int(f.Fd())) {
		return &bar{f: f, epochs: epochs, samples: samples}
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

func (l lines) begin(int)            {}
func (l lines) advance(int, *scores) {}
func (l lines) abort()               {}
func (l lines) note(line string)     { fmt.Fprintln(l.w, line) }
func (l lines) end(e Epoch)          { fmt.Fprintln(l.w, line(e, l.epochs)) }

// bar draws a progress bar per epoch, with the loss and metrics so far, samples
// per second and the time gone and left, and leaves the line of the epoch in its
// place.
type bar struct {
	f               *os.File
	epochs, samples int
	epoch           int
	b               *progressbar.ProgressBar
	pending         int // samples not drawn yet
	drawn           time.Time
}

func (r *bar) begin(epoch int) {
	r.epoch, r.pending, r.drawn = epoch, 0, time.Now()
	r.b = progressbar.NewOptions(r.samples,
		progressbar.OptionSetWriter(r.f),
		progressbar.OptionUseANSICodes(true), // else it is wiped before it is drawn, which flickers
		progressbar.OptionSetDescription(r.title()),
		progressbar.OptionSetWidth(20),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("samples"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(interval/2), // Describe draws too, but not twice
		progressbar.OptionClearOnFinish(),
	)
	r.b.StartWithoutRender()
}

func (r *bar) title() string { return fmt.Sprintf("epoch %d/%d", r.epoch+1, r.epochs) }

// interval is how often the bar is drawn and metrics computed for it.
const interval = 100 * time.Millisecond

func (r *bar) advance(samples int, sum *scores) {
	r.pending += samples
	now := time.Now()
	if now.Sub(r.drawn) < interval {
		return
	}
	_ = r.b.Add(r.pending)
	r.pending, r.drawn = 0, now
	so := strings.ReplaceAll(sum.evaluation().String(), "  ", " ")
	r.b.Describe(shorten(r.title()+" "+so, r.room()))
}

// room is how much of a line the bar leaves for what describes it.
func (r *bar) room() int {
	const others = len(" 100% |##| (10000 samples/s) [1m10s:1m10s]")
	width, _, err := term.GetSize(int(r.f.Fd()))
	if err != nil || width == 0 {
		width = 80
	}
	return width - others
}

// shorten cuts s to n characters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:max(0, n-1)]) + "…"
	}
	return s
}

func (r *bar) end(e Epoch) {
	_ = r.b.Finish()
	fmt.Fprintln(r.f, line(e, r.epochs))
}

func (r *bar) abort() {
	if r.b != nil {
		_ = r.b.Clear()
	}
}

func (r *bar) note(line string) {
	r.abort()
	fmt.Fprintln(r.f, line)
}
