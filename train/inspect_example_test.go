package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// How many units of a layer are silent, from step to step.
func ExampleInspect() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Linear(s.In("fc1"), nodes.Flatten(x), 64)
		return nodes.Linear(s.In("fc2"), nodes.ReLU(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	_, err = train.Fit(context.Background(), m, train.Digits(500, 1), nodes.CrossEntropy(), train.Adam(1e-3), train.ReportTo(nil),
		train.Callbacks(train.Inspect(5, func(i train.Inspection) error {
			for _, a := range i.Activations {
				if a.Name == "relu#1" {
					fmt.Printf("step %d: most units are silent: %v\n", i.Step, a.Zeros > 0.7)
				}
			}
			return nil
		})))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	// Output:
	// step 5: most units are silent: false
	// step 10: most units are silent: false
}
