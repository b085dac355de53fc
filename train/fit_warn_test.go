package train

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// What the model warns of stands once before the progress of a training that
// begins.
func TestFitWarns(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		s.Warn("this is odd", nil)
		return nodes.Linear(s.In("fc"), x, 2)
	}, graph.Shape{16, 2})
	if err != nil {
		t.Fatal(err)
	}
	fit := func(opts ...FitOption) (string, *History) {
		var b bytes.Buffer
		h, err := Fit(context.Background(), m, twoClasses(t, 32), nodes.CrossEntropy(), SGD(0.1), append(opts, ReportTo(&b))...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return b.String(), h
	}
	out, h := fit(Epochs(2))
	if strings.Count(out, "this is odd") != 1 || !strings.HasPrefix(out, strings.Join(m.Warnings(), "\n")+"\nepoch 1/2") {
		t.Errorf("got\n%s\nwant the warning once, before the epochs", out)
	}
	for what, opt := range map[string]FitOption{"quiet": Quiet(), "going on": Continue(h)} {
		if out, _ := fit(opt); strings.Contains(out, "this is odd") {
			t.Errorf("%s: got\n%s\nwant no warning", what, out)
		}
	}
}
