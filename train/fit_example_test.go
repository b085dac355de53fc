package train_test

import (
	"context"
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

func smallNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 32))
	return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.2), 10)
}

func ExampleFit() {
	ctx := context.Background()
	m, err := graph.Build(smallNet, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	training, validation, err := train.Split(train.Digits(1000, 1), 0.8, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(1e-2),
		train.Epochs(8), train.Validation(validation), train.Metrics(nodes.Accuracy()),
		train.WithSchedule(train.Cosine(train.InEpochs(8), 0)),
		train.ReportTo(nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	first, last := history.Epochs[0], history.Last()
	fmt.Println(len(history.Epochs), "epochs")
	fmt.Println("learned:", last.Validation.Loss < first.Validation.Loss)

	test, err := train.Evaluate(ctx, m, train.Digits(200, 2), nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		fmt.Println(err)
		return
	}
	accuracy, _ := test.Score("accuracy")
	fmt.Println("better than chance:", accuracy > 0.3)
	// Output:
	// 8 epochs
	// learned: true
	// better than chance: true
}

// Early stopping: end when the validation loss has not improved for two epochs.
func ExampleOnEpoch() {
	m, err := graph.Build(smallNet, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	best, bad := 0.0, 0
	history, err := train.Fit(context.Background(), m, train.Digits(200, 1), nodes.CrossEntropy(), train.Adam(0),
		train.Epochs(100), train.Validation(train.Digits(50, 2)), train.ReportTo(nil),
		train.OnEpoch(func(e train.Epoch) error {
			if e.Number == 1 || e.Validation.Loss < best {
				best, bad = e.Validation.Loss, 0
				return nil
			}
			if bad++; bad == 2 {
				return train.Stop
			}
			return nil
		}))
	fmt.Println(len(history.Epochs), err)
	// Output: 3 <nil>
}

func ExamplePredict() {
	m, err := graph.Build(smallNet, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := train.Predict(context.Background(), m, train.Digits(120, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape())
	// Output: (120, 10)
}
