// Search looks for the learning rate, the width and the dropout of a small network on the
// built-in digits by Hyperband, two trials at a time.
//
//	go run ./examples/search
//	go run ./examples/search -in study      # goes on where it was cut off
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/search"
	"github.com/thinnet/thinnet/train"
)

func main() {
	in := flag.String("in", "", "folder of the study, also for its table and picture; empty for one that is removed")
	epochs := flag.Int("epochs", 9, "epochs of the trials that get furthest")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *in, *epochs); err != nil {
		log.Fatalf("%+v", err)
	}
}

func run(ctx context.Context, folder string, epochs int) error {
	space := search.Space{
		search.LogFloat("lr", 1e-4, 1e-1),
		search.LogInt("hidden", 16, 256),
		search.Float("drop", 0, 0.6),
	}
	training, validation := train.Digits(1000, 1), train.Digits(500, 2)
	objective := func(ctx context.Context, t *search.Trial) (float64, error) {
		net := models.MLP(10, models.Hidden(t.Int("hidden")), models.DropoutRates(t.Float("drop")))
		m, err := graph.Build(net, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			return 0, err
		}
		// A trial that goes on for more epochs goes on from its checkpoint.
		h, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(t.Float("lr")),
			train.Epochs(t.Epochs()), train.Validation(validation), train.Checkpoints(t.Folder()), train.ReportTo(nil))
		if err != nil {
			return 0, err
		}
		return h.Last().Validation.Loss, nil
	}
	var opts []search.Option
	if folder != "" {
		opts = append(opts, search.In(folder))
	}
	r, err := search.Run(ctx, space, objective, search.Hyperband(epochs), append(opts, search.Parallel(2))...)
	if err != nil {
		return err
	}
	fmt.Print(r)
	if folder == "" {
		return nil
	}
	table, err := os.Create(filepath.Join(folder, "study.csv"))
	if err != nil {
		return err
	}
	defer table.Close()
	if err := r.WriteCSV(table); err != nil {
		return err
	}
	return r.Plot(filepath.Join(folder, "study.png"))
}
