package nodes_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// A recurrent layer is one row of a summary, with the shape of its output, whatever it
// is made of and whatever is declared under it.
func TestSummaryOfRecurrence(t *testing.T) {
	dropped := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.5) }
	for name, c := range map[string]struct {
		opts []nodes.RecurrentOption
		want []string // the rows at and under the layer, without memory
	}{
		"one layer": {nil, []string{"rnn LSTM (4, 5, 8) 512"}},
		"two layers, both directions": {[]nodes.RecurrentOption{nodes.Layers(2), nodes.Bidirectional()},
			[]string{"rnn LSTM(layers=2, bidirectional) (4, 5, 16) 2,688"}},
		"dropout between": {[]nodes.RecurrentOption{nodes.Layers(2), nodes.Between(dropped)},
			[]string{"rnn.between_l0 Dropout(p=0.5) (4, 5, 8) 0", "rnn LSTM(layers=2) (4, 5, 8) 1,088"}},
		"dropout of weights": {[]nodes.RecurrentOption{nodes.ParametrizeRecurrent(regularize.DropConnect(0.5))},
			[]string{"rnn.weight_hh_l0 DropConnect(p=0.5) (32, 8) 0", "rnn LSTM (4, 5, 8) 512"}},
	} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), nodes.LSTM(s.In("rnn"), x, 8, c.opts...).Last(), 3)
		}, graph.Shape{4, 5, 6})
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		var b strings.Builder
		if err := m.Summary(&b); err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		lines := strings.Split(b.String(), "\n")[2:] // below the heading and the input
		for i, line := range lines[:len(c.want)+1] {
			want := "last#1 Last"
			if i < len(c.want) {
				want = c.want[i]
			}
			if got := strings.Join(strings.Fields(line), " "); !strings.HasPrefix(got, want+" ") {
				t.Errorf("%s: row %d is %q, want %q", name, i, got, want)
			}
		}
	}
}
