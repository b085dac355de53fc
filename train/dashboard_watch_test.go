package train

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

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

// post presses a button of a page.
func post(t testing.TB, p *LivePage, what string) {
	t.Helper()
	site, token, _ := strings.Cut(p.URL(), "#")
	r, err := http.NewRequestWithContext(t.Context(), "POST", site+what, nil)
	if err == nil {
		r.Header.Set("X-Token", token)
		var answer *http.Response
		if answer, err = http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusNoContent {
				return
			}
			err = errors.New(answer.Status)
		}
	}
	t.Errorf("%s: %v", what, err)
}

// streamed returns what a page streams, line by line, until it ends.
func streamed(t testing.TB, p *LivePage) <-chan string {
	t.Helper()
	site, _, _ := strings.Cut(p.URL(), "#")
	answer, err := http.Get(site + "events")
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 10000)
	go func() {
		defer close(out)
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		for lines.Buffer(nil, 1<<20); lines.Scan(); {
			out <- lines.Text()
		}
	}()
	return out
}

// until reads lines until one contains all of the words.
func until(t testing.TB, lines <-chan string, words ...string) {
	t.Helper()
	last := ""
	for line := range lines {
		if strings.Contains(line, `"status"`) {
			last = line
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return
		}
	}
	t.Fatalf("the stream ended, and no line had %q: the last one is %s", words, last)
}
