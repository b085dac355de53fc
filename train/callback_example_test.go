package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// counting counts the samples that a training has seen.
type counting struct {
	train.NoCallback
	samples int
}

func (c *counting) AfterStep(t *train.Training) error {
	c.samples += t.Batch().X.Shape()[0]
	return nil
}

func (c *counting) End(t *train.Training, err error) error {
	fmt.Printf("%d steps of %d samples\n", t.Steps(), c.samples)
	return nil
}

// A callback of your own embeds NoCallback and writes the methods it needs.
func ExampleCallback() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	_, err = train.Fit(context.Background(), m, train.Digits(500, 1), nodes.CrossEntropy(), train.SGD(0.02),
		train.Epochs(3), train.ReportTo(nil), train.Callbacks(&counting{}))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	// Output:
	// 30 steps of 1500 samples
}

// OnStep is a function after every step, here one that logs the learning rate.
func ExampleOnStep() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	_, err = train.Fit(context.Background(), m, train.Digits(200, 1), nodes.CrossEntropy(), train.SGD(0.08),
		train.WithSchedule(train.LinearDecay(train.InEpochs(1))), train.ReportTo(nil),
		train.OnStep(func(t *train.Training) error {
			fmt.Printf("step %d: rate %.2f\n", t.Steps(), t.LearningRate())
			return nil
		}))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	// Output:
	// step 1: rate 0.08
	// step 2: rate 0.06
	// step 3: rate 0.04
	// step 4: rate 0.02
}
