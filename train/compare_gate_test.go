package train_test

import (
	"context"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// With masks drawn, the training error is the higher the more is dropped. That
// gap is large on any data, unlike the one of test errors, which a short run on
// little data cannot tell from chance.
func TestDropoutRaisesTheTrainingError(t *testing.T) {
	net := func(input, hidden float64) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = regularize.Dropout(s.In("drop_in"), nodes.Flatten(x), input)
			x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 64))
			x = regularize.Dropout(s.In("drop1"), x, hidden)
			return nodes.Linear(s.In("fc2"), x, 10)
		}
	}
	c, err := train.Compare(context.Background(), train.Study{
		Variants:  []train.Variant{{Name: "none", Model: net(0, 0)}, {Name: "hidden", Model: net(0, 0.5)}, {Name: "both", Model: net(0.2, 0.5)}},
		Seeds:     []uint64{1, 2},
		Shape:     graph.Shape{50, 1, 28, 28},
		Training:  train.Digits(500, 1),
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.SGD(0.05, train.Momentum(0.9)) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(20), train.Metrics(nodes.Accuracy())}
		},
	}, train.LogTo(nil))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	s, err := c.Summaries("accuracy")
	if err != nil {
		t.Fatalf("%+v", err)
	}
	none, hidden, both := s[0].Training, s[1].Training, s[2].Training
	// The margin is twice the spread over seeds; 0.3, 18 and 28 are what is seen.
	if !(none.Mean+3 < hidden.Mean && hidden.Mean+3 < both.Mean) {
		t.Errorf("training errors are %v, %v and %v %%, want each 3 above the one before", none, hidden, both)
	}
}
