package train

import (
	"context"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// Paused, stopped by the page and taken up, a run ends with the bits of one without a page.
func TestDashboardChangesNoBit(t *testing.T) {
	folder := t.TempDir()
	fit := func(opts ...FitOption) (*graph.Model, *History) {
		t.Helper()
		m := plane(t)
		h, err := Fit(t.Context(), m, twoClasses(t, 160), nodes.CrossEntropy(), Adam(0.01),
			append(opts, Epochs(4), Validation(twoClasses(t, 40)), Metrics(nodes.Accuracy()), ReportTo(nil))...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return m, h
	}
	want, _ := fit()

	page, steps, pause := Dashboard(""), 0, time.Second // far longer than the epoch
	_, h := fit(Checkpoints(folder), Callbacks(page), OnStep(func(tr *Training) error {
		switch steps = tr.Steps(); steps {
		case 3:
			post(t, page, "pause")
			time.AfterFunc(pause, func() { post(t, page, "continue") })
		case 14:
			post(t, page, "stop")
		}
		return nil
	}))
	if steps != 14 { // OnStep is told of a step last
		t.Errorf("it stopped after %d steps, want 14", steps)
	}
	if len(h.Epochs) != 1 || h.Epochs[0].Duration >= pause {
		t.Errorf("the first epoch took %v with a pause of %v", h.Epochs[0].Duration, pause)
	}
	if page.URL() == "" {
		t.Error("the address is forgotten")
	}

	page = Dashboard("")
	var lines <-chan string
	again, h := fit(Checkpoints(folder), Callbacks(page), OnStep(func(*Training) error {
		if lines == nil {
			lines = streamed(t, page)
		}
		return nil
	}))
	if !slices.Equal(bits(again), bits(want)) || len(h.Epochs) != 4 {
		t.Errorf("it ended with other bits, or not after 4 epochs but %d", len(h.Epochs))
	}
	until(t, lines, `"state":"`, `"epochs":{"rows":[[10,`) // that of the run before
	until(t, lines, `"state":"done"`)
	until(t, lines, "event: end")
}

func TestDashboardPauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	folder := t.TempDir()
	w := watch(t, ctx, 1000, Checkpoints(folder, EverySteps(1000000)))
	lines := streamed(t, w.page)
	until(t, lines, `"steps":`)
	post(t, w.page, "pause")
	until(t, lines, `"state":"paused"`)
	steps := w.steps.Load()
	time.Sleep(10 * time.Millisecond)
	if now := w.steps.Load(); now != steps {
		t.Errorf("paused, it went on from step %d to %d", steps, now)
	}
	cancel()
	w.wait(t)
	if !errors.Is(w.err, context.Canceled) {
		t.Errorf("got the error %v, want that of the context", w.err)
	}
	until(t, lines, `"state":"stopped"`, "epochs: context canceled")
	if _, err := os.Stat(filepath.Join(folder, checkpointName(int(steps)))); err != nil {
		t.Errorf("no checkpoint: %v", err)
	}
}

func TestDashboardShowsThatTheRunFailed(t *testing.T) {
	w := watch(t, t.Context(), 1000, OnEpoch(func(e Epoch) error {
		if e.Number == 30 {
			return errors.New("the disk is full")
		}
		return nil
	}))
	until(t, streamed(t, w.page), `"state":"failed"`, "the disk is full")
	w.wait(t)
	if w.err == nil {
		t.Error("Fit returned no error")
	}
}

func TestDashboardMistakes(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	damaged := Map(Digits(30, 1), func(*rand.Rand, *Sample) error { return errors.New("a hole") })
	for name, c := range map[string]struct {
		addr       string
		validation Dataset
		want       string
	}{
		"no port":       {"localhost", nil, `Dashboard("localhost"): the address is "localhost", want HOST:PORT or :PORT`},
		"a port in use": {taken.Addr().String(), nil, `it cannot listen; port 0, as in ":0", is any that is free`},
		"damaged data":  {"", damaged, "a hole"},
	} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
		}, graph.Shape{10, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		before := bits(m)
		_, err = Fit(t.Context(), m, Digits(20, 1), nodes.CrossEntropy(), SGD(0.1), Validation(c.validation), ReportTo(nil), Callbacks(Dashboard(c.addr)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got the error %v, want one with %q", name, err, c.want)
		}
		if !slices.Equal(bits(m), before) {
			t.Errorf("%s: it had trained", name)
		}
	}
}

func TestDashboardLeavesNothingBehind(t *testing.T) {
	watch(t, t.Context(), 1).wait(t) // the first run starts what all share
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	watch(t, t.Context(), 3).wait(t)
	for began := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func TestDashboardAllocatesNothing(t *testing.T) {
	page, measured := Dashboard(""), false
	_, err := Fit(t.Context(), plane(t), twoClasses(t, 160), nodes.CrossEntropy(), SGD(0.01), ReportTo(nil), Callbacks(page),
		OnStep(func(tr *Training) error {
			if measured {
				return nil
			}
			measured = true
			n := testing.AllocsPerRun(5000, func() {
				if err := page.BeforeStep(tr); err != nil {
					t.Fatal(err)
				}
				if err := page.AfterStep(tr); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("%v allocations a step", n)
			}
			return nil
		}))
	if err != nil {
		t.Fatalf("%+v", err)
	}
}

// What does not classify images has no pictures, and trains all the same.
func TestDashboardSamples(t *testing.T) {
	flat := func(n int) func(*graph.Scope, *graph.Node) *graph.Node {
		return func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), nodes.Flatten(x), n) }
	}
	x := tensor.New(tensor.WithShape(20, 3, 5, 6), tensor.Of(tensor.Float32))
	values := x.Float32s()
	for i := range values {
		values[i] = float32(i%7) - 3
	}
	data := func(target *tensor.Dense) Dataset {
		ds, err := Tensors(x, target)
		if err != nil {
			t.Fatal(err)
		}
		return ds
	}
	classes := tensor.New(tensor.WithShape(20), tensor.WithBacking(make([]int, 20)))
	reals := tensor.New(tensor.WithShape(20, 4), tensor.Of(tensor.Float32))
	for name, c := range map[string]struct {
		net  graph.Func
		data Dataset
		loss graph.Loss
		want int
	}{
		"classes of images": {flat(4), data(classes), nodes.CrossEntropy(), mostShown},
		"values of images":  {flat(4), data(reals), nodes.MSE(), 0},
		"one output":        {flat(1), data(tensor.New(tensor.WithShape(20, 1), tensor.Of(tensor.Float32))), nodes.MSE(), 0},
	} {
		m, err := graph.Build(c.net, graph.Shape{5, 3, 5, 6}, graph.Seed(1))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		page := Dashboard("")
		if _, err := Fit(t.Context(), m, c.data, c.loss, SGD(0.01), ReportTo(nil), Callbacks(page)); err != nil {
			t.Errorf("%s: %+v", name, err)
		}
		if n := len(page.shown.pictures); n != c.want {
			t.Errorf("%s: %d pictures, want %d", name, n, c.want)
		}
		if c.want > 0 && page.shown.source != "training" {
			t.Errorf("%s: pictures of %s data, want training", name, page.shown.source)
		}
	}
}

func TestAsProbabilities(t *testing.T) {
	third := math.Log(1. / 3)
	for name, y := range map[string][]float64{
		"logits": {7, 7 + math.Log(2)}, "logarithms": {third, math.Log(2. / 3)}, "probabilities": {1. / 3, 2. / 3},
	} {
		if p := asProbabilities(y); math.Abs(p[0]-1./3) > 1e-9 || math.Abs(p[1]-2./3) > 1e-9 {
			t.Errorf("%s: %v, want 1/3 and 2/3", name, p)
		}
	}
}
