package train

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// A browser is a tab of one without a window. Its methods end the test if they fail.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// chromium starts a browser. What a page complains of on its console fails the test.
func chromium(t *testing.T) browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium: apt-get install chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	console := chromedp.Console(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range console {
			if err != nil {
				return // it is closed
			}
			t.Errorf("the browser says, %s: %s %s", m.Type, m.Text, m.URL)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return browser{t, ctx}
}

func (b browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%+v", err)
	}
}

// until waits for an expression to be true.
func (b browser) until(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(15*time.Second))); err != nil {
		b.t.Fatalf("waiting for %s: %v", expression, err)
	}
}

func (b browser) untilState(s string) {
	b.t.Helper()
	b.until(`document.getElementById('state').dataset.state == '` + s + `'`)
}

// eval returns the value of an expression.
func eval[T any](b browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// look sets the size of the window, in pixels, and the theme, light or dark.
func (b browser) look(width, height int64, theme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
		return err
	}))
}

// shot takes a picture of the page, if THINNET_SCREENSHOTS names a folder for it.
func (b browser) shot(name string) {
	b.t.Helper()
	folder := os.Getenv("THINNET_SCREENSHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// watched is a run of Fit with a page.
type watched struct {
	page    *LivePage
	steps   atomic.Int64
	history *History
	err     error
	ended   chan struct{}
}

// watch starts a run, and waits until it is served.
func watch(t *testing.T, ctx context.Context, epochs int, opts ...FitOption) *watched {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc2"), nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 32)), 10)
	}, graph.Shape{20, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	w := &watched{page: Dashboard(""), ended: make(chan struct{})}
	opts = append([]FitOption{
		Epochs(epochs), Validation(Digits(100, 2)), Metrics(nodes.Accuracy()), ReportTo(nil), Callbacks(w.page),
		OnStep(func(tr *Training) error { w.steps.Store(int64(tr.Steps())); return nil }),
	}, opts...)
	go func() {
		defer close(w.ended)
		w.history, w.err = Fit(ctx, m, Digits(400, 1), nodes.CrossEntropy(), SGD(0.02), opts...)
	}()
	for w.page.URL() == "" {
		select {
		case <-w.ended:
			t.Fatalf("the run ended before it was served: %v", w.err)
		case <-time.After(time.Millisecond):
		}
	}
	return w
}

// slowly makes a run last, so that somebody can look at it.
func slowly() FitOption {
	return OnStep(func(*Training) error { time.Sleep(2 * time.Millisecond); return nil })
}

// wait waits for the run to end.
func (w *watched) wait(t *testing.T) {
	t.Helper()
	select {
	case <-w.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the run goes on")
	}
}

// The page as a person sees it.
func TestDashboardInABrowser(t *testing.T) {
	b := chromium(t)
	w := watch(t, t.Context(), 100000, slowly())
	b.look(1280, 900, "light")
	b.do(chromedp.Navigate(w.page.URL()))
	b.until(`document.querySelectorAll('path.curve.validation').length > 2 && document.querySelectorAll('.pictures li.right').length > 3`)
	if curve := eval[string](b, `document.querySelector('.chart > svg path.training:not(.faint)').getAttribute('d')`); strings.Count(curve, "L") < 10 {
		t.Errorf("the curve of the loss is %q", curve)
	}
	b.shot("running")

	const where = `document.getElementById('where').textContent`
	b.do(chromedp.Click("#pause"))
	b.untilState("paused")
	before, steps := eval[string](b, where), w.steps.Load()
	time.Sleep(1200 * time.Millisecond) // two beats of the server
	if after := eval[string](b, where); before != after || w.steps.Load() != steps {
		t.Errorf("paused, the run went from %q to %q, from step %d to %d", before, after, steps, w.steps.Load())
	}
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			b.look(width, 844, theme)
			b.until(`document.querySelector('.chart > svg').viewBox.baseVal.width == document.querySelector('.chart > svg').clientWidth`)
			if wide := eval[int](b, `document.documentElement.scrollWidth`); int64(wide) > width {
				t.Errorf("%s: the page is %d pixels wide in a window of %d", theme, wide, width)
			}
			if light := eval[string](b, `getComputedStyle(document.body).backgroundColor`) == "rgb(244, 245, 247)"; light != (theme == "light") {
				t.Errorf("%s: the background is not", theme)
			}
			b.shot(fmt.Sprintf("%s-%d", theme, width))
		}
	}
	b.look(1280, 900, "light")
	b.do(chromedp.Click("#pause"))
	b.untilState("running")
	b.until(where + ` != '` + before + `'`)

	b.do(chromedp.Click("#stop"), chromedp.Click("#confirm-stop"))
	b.untilState("stopped")
	b.shot("stopped")
	w.wait(t)
	if n := len(w.history.Epochs); w.err != nil || n == 0 || n == 100000 || int(w.steps.Load()) < 20*n {
		t.Errorf("%d epochs in %d steps, error %v", n, w.steps.Load(), w.err)
	}
}
