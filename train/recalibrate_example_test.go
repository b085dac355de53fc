package train_test

import (
	"context"
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// A norm on the input finds the mean and the variance of the pixels.
func ExampleRecalibrateBatchNorm() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(nodes.BatchNorm2D(s.In("bn"), x)), 10)
	}
	m, err := graph.Build(net, graph.Shape{50, 1, 28, 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := train.RecalibrateBatchNorm(context.Background(), m, train.Digits(200, 1)); err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range m.Weights() {
		if !w.Trainable && w.Value.Dims() == 1 {
			fmt.Printf("%s %.2v\n", w.Name, w.Value)
		}
	}
	// Output:
	// bn.running_mean [0.1]
	// bn.running_var [0.043]
}
