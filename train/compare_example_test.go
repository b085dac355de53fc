package train_test

import (
	"context"
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// Dropout makes the training error, with masks drawn, higher: no sign of a worse
// model.
func ExampleCompare() {
	net := func(p float64) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 32))
			return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, p), 10)
		}
	}
	c, err := train.Compare(context.Background(), train.Study{
		Variants:  []train.Variant{{Name: "none", Model: net(0)}, {Name: "half", Model: net(0.5)}},
		Seeds:     []uint64{1, 2},
		Shape:     graph.Shape{50, 1, 28, 28},
		Training:  train.Digits(400, 1),
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.Adam(1e-2) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(5), train.Metrics(nodes.Accuracy()), train.Validation(train.Digits(200, 2))}
		},
	}, train.LogTo(nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	summaries, err := c.Summaries("accuracy")
	if err != nil {
		fmt.Println(err)
		return
	}
	none, half := summaries[0], summaries[1]
	fmt.Println(none.Measure, "of", none.Training.N, "runs of each variant")
	fmt.Println("lower without dropout:", none.Training.Mean < half.Training.Mean)
	// Output:
	// error % (accuracy) of 2 runs of each variant
	// lower without dropout: true
}
