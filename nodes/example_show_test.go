package nodes_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// show prints the output of a net for x, a row a line, in evaluation mode.
func show(net graph.Func, x *tensor.Dense) {
	m, err := graph.Build(net, x.Shape(), graph.Float64())
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	width := y.Shape()[y.Dims()-1]
	for v := y.Float64s(); len(v) > 0; v = v[width:] {
		fmt.Printf("%.3f\n", v[:width])
	}
}

// showLoss prints the loss of the prediction y.
func showLoss(loss graph.Loss, y, target *tensor.Dense) {
	m, err := graph.Build(func(_ *graph.Scope, x *graph.Node) *graph.Node { return x }, y.Shape(), graph.Float64())
	if err != nil {
		log.Fatal(err)
	}
	r, err := m.Trainer(loss).Evaluate(y, target)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", r.Loss)
}
