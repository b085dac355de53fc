package search_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/search"
	"github.com/thinnet/thinnet/train"
)

func ExampleRun() {
	space := search.Space{search.LogFloat("lr", 1e-5, 1e-1), search.LogInt("hidden", 8, 64)}
	training, validation := train.Digits(300, 1), train.Digits(200, 2)
	objective := func(ctx context.Context, t *search.Trial) (float64, error) {
		m, err := graph.Build(models.MLP(10, models.Hidden(t.Int("hidden"))), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			return 0, err
		}
		h, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(t.Float("lr")), train.ReportTo(nil),
			train.Epochs(t.Epochs()), train.Validation(validation), train.Checkpoints(t.Folder()))
		if err != nil {
			return 0, err
		}
		return h.Last().Validation.Loss, nil
	}
	r, err := search.Run(context.Background(), space, objective, search.Hyperband(3), search.Parallel(2), search.ReportTo(nil))
	if err != nil {
		log.Fatal(err)
	}
	best, err := r.Best()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(r.Outcomes), "trainings, the best one of", best.Epochs, "epochs")
	// Output: 6 trainings, the best one of 3 epochs
}

func ExampleGrid() {
	space := search.Space{search.LogFloat("lr", 1e-3, 1e-1), search.Choice("optimiser", "adam", "sgd")}
	r, err := search.Run(context.Background(), space, func(_ context.Context, t *search.Trial) (float64, error) {
		v := math.Abs(math.Log10(t.Float("lr")) + 2)
		if t.Choice("optimiser") == "adam" {
			v++
		}
		return v, nil
	}, search.Grid(3), search.ReportTo(nil))
	if err != nil {
		log.Fatal(err)
	}
	best, err := r.Best()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(r.Outcomes), best.Values["lr"], best.Values["optimiser"])
	// Output: 6 0.01 sgd
}

func ExampleRandom() {
	r, err := search.Run(context.Background(), search.Space{search.Float("x", -1, 1)},
		func(_ context.Context, t *search.Trial) (float64, error) { return -math.Abs(t.Float("x")), nil },
		search.Random(50), search.Maximize(), search.ReportTo(nil))
	if err != nil {
		log.Fatal(err)
	}
	best, err := r.Best()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(best.Value > -0.1)
	// Output: true
}
