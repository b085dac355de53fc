package graph

import "testing"

func TestDrawing(t *testing.T) {
	shared := func(s *Scope) {
		s.DrawsOver(Shape{3})
		s.Stream()
	}
	of := func(shape func(n int) Shape) func(*Scope, int) {
		return func(s *Scope, n int) {
			s.Stream()
			s.DrawsOver(shape(n))
		}
	}
	for name, c := range map[string]struct {
		declare func(s *Scope, n int)
		want    Drawing
	}{
		"nothing":              {func(*Scope, int) {}, Drawing{}},
		"samples":              {func(s *Scope, _ int) { s.In("a").Stream() }, Drawing{Samples: true}},
		"samples, as it says":  {of(func(n int) Shape { return Shape{n, 3} }), Drawing{Samples: true}},
		"samples, and last":    {of(func(n int) Shape { return Shape{3, n} }), Drawing{Samples: true, Batches: true}},
		"pairs of samples":     {of(func(n int) Shape { return Shape{n, n} }), Drawing{Samples: true, Batches: true}},
		"a batch":              {func(s *Scope, _ int) { shared(s.In("a")) }, Drawing{Batches: true}},
		"a part of a layer":    {func(s *Scope, _ int) { shared(s.In("a")); s.In("a").In("b").Stream() }, Drawing{Samples: true, Batches: true}},
		"both":                 {func(s *Scope, _ int) { shared(s.In("a")); s.In("ab").Stream() }, Drawing{Samples: true, Batches: true}},
		"a rate for all":       {func(s *Scope, _ int) { s.In("a").Stream(); s.In("a").In("rate").DrawsOver(nil) }, Drawing{Samples: true, Batches: true}},
		"silenced for a batch": {func(s *Scope, _ int) { shared(s.In("a").InMode(Eval)) }, Drawing{}},
		"silenced":             {func(s *Scope, _ int) { s.In("a").InMode(Eval).Stream() }, Drawing{}},
		"the model as a layer": {func(s *Scope, _ int) { shared(s) }, Drawing{Batches: true}},
	} {
		m := build(t, func(s *Scope, x *Node) *Node {
			c.declare(s, x.Dim(0))
			return x
		}, Shape{1, 2})
		got, err := m.Drawing()
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v and %v, want %+v", name, got, err, c.want)
		}
	}
	if _, err := (&Model{}).Drawing(); err == nil {
		t.Error("a model that is not built: no error")
	}
}
