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

func ExampleFindLR() {
	ctx, data := context.Background(), train.Digits(1000, 1)
	m, err := graph.Build(models.MLP(10, models.Hidden(64)), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	curve, err := train.FindLR(ctx, m, data, nodes.CrossEntropy(), train.Adam(1e-3), train.LRRange{From: 1e-6, To: 1})
	if err != nil {
		log.Fatal(err)
	}
	rate, err := curve.Suggestion()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("between 1e-4 and 1e-1:", 1e-4 < rate && rate < 1e-1)

	// The model is as it was: training begins with the rate that was found.
	if _, err := train.Fit(ctx, m, data, nodes.CrossEntropy(), train.Adam(rate), train.ReportTo(nil)); err != nil {
		log.Fatal(err)
	}
	// Output: between 1e-4 and 1e-1: true
}
