package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// Steps of 200 samples, four batches of 50, take the memory of 50.
func ExampleAccumulate() {
	m, err := graph.Build(models.MLP(10, models.Hidden(32)), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	history, err := train.Fit(context.Background(), m, train.Digits(1000, 1), nodes.CrossEntropy(), train.Adam(1e-2),
		train.Epochs(4), train.Accumulate(4), train.ReportTo(nil),
		train.OnStep(func(t *train.Training) error {
			if t.Steps() == 1 {
				fmt.Println(t.BatchSize(), "samples a step,", t.StepsPerEpoch(), "steps an epoch")
			}
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("learned:", history.Last().Loss < history.Epochs[0].Loss)
	// Output:
	// 200 samples a step, 5 steps an epoch
	// learned: true
}
