package train

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The page as a person sees it.
func TestDashboardInABrowser(t *testing.T) {
	b := chromium(t)
	w := watch(t, t.Context(), 100000, slowly())
	b.look(1280, 900, "light")
	b.onlyLooks(w.page)
	wire, url := newWire(t, w.page)
	b.do(chromedp.Navigate(url))
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

	wire.cut.Store(true)
	b.untilState("lost")
	before = eval[string](b, where)
	wire.cut.Store(false)
	b.untilState("running")
	b.until(where + ` != '` + before + `'`)
	if n := eval[int](b, `document.querySelectorAll('.pictures li.right').length`); n < 4 {
		t.Errorf("back, the page has %d pictures that are right", n)
	}

	b.do(chromedp.Click("#stop"), chromedp.WaitVisible("#confirm-stop"))
	b.shot("dialog")
	b.do(chromedp.Click("#confirm-stop"))
	b.untilState("stopped")
	b.shot("stopped")
	w.wait(t)
	if n := len(w.history.Epochs); w.err != nil || n == 0 || n == 100000 || int(w.steps.Load()) < 20*n {
		t.Errorf("%d epochs in %d steps, error %v", n, w.steps.Load(), w.err)
	}
}

// onlyLooks opens the page without the token of its address: there is nothing to press.
func (b browser) onlyLooks(p *LivePage) {
	b.t.Helper()
	site, _, _ := strings.Cut(p.URL(), "#")
	b.do(chromedp.Navigate(site))
	b.untilState("running")
	b.until(`document.getElementById('controls').hidden && document.getElementById('notice').textContent.includes('#')`)
}
