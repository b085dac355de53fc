package graph

import "testing"

func TestDrawing(t *testing.T) {
	shared := func(s *Scope) {
		s.ShareDraws()
		s.Stream()
	}
	for name, c := range map[string]struct {
		declare func(s *Scope)
		want    Drawing
	}{
		"nothing":              {func(*Scope) {}, Drawing{}},
		"samples":              {func(s *Scope) { s.In("a").Stream() }, Drawing{Samples: true}},
		"a batch":              {func(s *Scope) { shared(s.In("a")) }, Drawing{Batches: true}},
		"a part of a layer":    {func(s *Scope) { shared(s.In("a")); s.In("a").In("b").Stream() }, Drawing{Samples: true, Batches: true}},
		"both":                 {func(s *Scope) { shared(s.In("a")); s.In("ab").Stream() }, Drawing{Samples: true, Batches: true}},
		"a rate for all":       {func(s *Scope) { s.In("a").Stream(); s.In("a").In("rate").ShareDraws() }, Drawing{Samples: true, Batches: true}},
		"silenced for a batch": {func(s *Scope) { shared(s.In("a").InMode(Eval)) }, Drawing{}},
		"silenced":             {func(s *Scope) { s.In("a").InMode(Eval).Stream() }, Drawing{}},
		"the model as a layer": {shared, Drawing{Batches: true}},
	} {
		m := build(t, func(s *Scope, x *Node) *Node {
			c.declare(s)
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
