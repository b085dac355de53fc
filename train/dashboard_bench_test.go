package train

import (
	"slices"
	"testing"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// BenchmarkDashboard times a run of 6000 short steps without a page, with one, and with one
// that somebody looks at, in turn, and reports the ratios of the fastest ones, and what part
// of a step is spent in the callback.
func BenchmarkDashboard(b *testing.B) {
	data, validation := Digits(2000, 1), Digits(200, 2)
	run := func(page *LivePage, viewed bool) float64 {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc2"), nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 64)), 10)
		}, graph.Shape{20, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			b.Fatalf("%+v", err)
		}
		opts := []FitOption{Epochs(60), Validation(validation), Metrics(nodes.Accuracy()), ReportTo(nil)}
		if page != nil {
			opts = append(opts, Callbacks(page))
		}
		if viewed {
			var lines <-chan string
			opts = append(opts, OnStep(func(*Training) error {
				if lines == nil {
					lines = streamed(b, page)
					go func() {
						for range lines {
						}
					}()
				}
				return nil
			}))
		}
		began := time.Now()
		if _, err := Fit(b.Context(), m, data, nodes.CrossEntropy(), SGD(0.01), opts...); err != nil {
			b.Fatalf("%+v", err)
		}
		return time.Since(began).Seconds()
	}
	var alone, served, viewed, called []float64
	for b.Loop() {
		alone = append(alone, run(nil, false))
		served = append(served, run(Dashboard(""), false))
		viewed = append(viewed, run(Dashboard(""), true))
		called = append(called, secondsOfPage(b))
	}
	b.ReportMetric(slices.Min(alone)*1e6/6000, "µs/step")
	b.ReportMetric(slices.Min(served)/slices.Min(alone), "served/alone")
	b.ReportMetric(slices.Min(viewed)/slices.Min(alone), "viewed/alone")
	b.ReportMetric(100*slices.Min(called)/(slices.Min(alone)/6000), "%called")
	b.ReportMetric(0, "ns/op")
}

// secondsOfPage times the calls of a step.
func secondsOfPage(b *testing.B) (seconds float64) {
	const calls = 100000
	page := Dashboard("")
	_, err := Fit(b.Context(), plane(b), twoClasses(b, 16), nodes.CrossEntropy(), SGD(0.01), ReportTo(nil), Callbacks(page),
		OnStep(func(t *Training) error {
			began := time.Now()
			for range calls {
				if err := page.BeforeStep(t); err != nil {
					return err
				}
				if err := page.AfterStep(t); err != nil {
					return err
				}
			}
			seconds = time.Since(began).Seconds() / calls
			return nil
		}))
	if err != nil {
		b.Fatalf("%+v", err)
	}
	return seconds
}
