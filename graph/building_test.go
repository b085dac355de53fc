package graph

import (
	"io"
	"testing"
)

// What would wait for itself is an error: a graph is declared within another.
func TestNoGraphWithinAGraph(t *testing.T) {
	other := build(t, scale, Shape{1, 3})
	second := func(_ any, err error) error { return err }
	for name, call := range map[string]func() error{
		"Build":   func() error { return second(Build(scale, Shape{1, 3})) },
		"Predict": func() error { return second(other.Sample(vec(1, 2, 3), 0)) },
		"Summary": func() error { return other.Summary(io.Discard) },
		"DOT":     func() error { return other.DOT(io.Discard) },
		"Drawing": func() error { return second(other.Drawing()) },
		"Step":    func() error { return second(other.Trainer(squareLoss).Step(vec(1, 2, 3), vec(0))) },
	} {
		const want = "a model function or a loss declares its graph just now, and is where this is called from; build other models, and use them, outside of it"
		m := build(t, func(s *Scope, x *Node) *Node {
			wantError(t, call(), want)
			return scale(s, x)
		}, Shape{1, 3})
		_, err := m.Trainer(func(y, target *Node) *Node {
			wantError(t, call(), want)
			return squareLoss(y, target)
		}).Step(vec(1, 2, 3), vec(0))
		if err != nil {
			t.Errorf("%s: the model around it: %v", name, err)
		}
	}
	if _, err := other.Sample(vec(1, 2, 3), 0); err != nil {
		t.Errorf("after all that: %v", err)
	}
	var deep func(n int) error // the stack is searched to its end
	deep = func(n int) error {
		if n > 0 {
			return deep(n - 1)
		}
		return other.Summary(io.Discard)
	}
	build(t, func(s *Scope, x *Node) *Node {
		wantError(t, deep(1000), "a model function or a loss declares its graph just now")
		return scale(s, x)
	}, Shape{1, 3})
}
