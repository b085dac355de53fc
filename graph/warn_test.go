package graph

import (
	"strings"
	"testing"
)

func TestSummaryWarns(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		if !x.IsInput() || (*Node)(nil).IsInput() {
			t.Error("IsInput is wrong")
		}
		y := s.In("b").Apply(times{}, x, x)
		for range 2 { // once each
			s.In("a").Warn("this is odd", nil)
			s.In("c").Warn("this is odd", y)
			s.Warn("so is that", y)
			s.In("d").WarnIfLast("it is the output", y)
			s.In("e").WarnIfLast("it is none", x)
		}
		if y.IsInput() {
			t.Error("a product is no input")
		}
		return y
	}, Shape{1, 2})
	var b strings.Builder
	if err := m.Summary(&b); err != nil {
		t.Fatal(err)
	}
	if want := "to train\nwarning: a, c after b: this is odd\nwarning: after b: so is that\nwarning: d: it is the output\n"; !strings.HasSuffix(strings.ReplaceAll(b.String(), "to predict\n", "to train\n"), want) {
		t.Errorf("got\n%s\nwant the end\n%s", b.String(), want)
	}
	if got := m.Warnings(); len(got) != 3 || got[0] != "warning: a, c after b: this is odd" || new(Model).Warnings() != nil {
		t.Errorf("got the warnings %q, want those of the summary, and none of a model that is not built", got)
	}
	b.Reset()
	if err := m.Summary(&b, Quiet(), nil); err != nil || strings.Contains(b.String(), "warning") {
		t.Errorf("got %v and\n%s\nwant no warning", err, b.String())
	}
}
