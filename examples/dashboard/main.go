// Dashboard trains on the built-in digits while a live page shows how it goes.
//
//	go run ./examples/dashboard
//	go run ./examples/dashboard -addr :8080 -epochs 100
//
// Open the address that it prints: the buttons there pause and stop the run. Ctrl-C stops
// it too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

func main() {
	addr := flag.String("addr", "", "`address` of the page; empty for this machine and any port")
	epochs := flag.Int("epochs", 40, "passes over the training images")
	samples := flag.Int("samples", 6000, "training images")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q; see -help", flag.Arg(0))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *epochs, *samples); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr string, epochs, samples int) error {
	m, err := graph.Build(models.LeNet5(10, models.Dropout(0.3)), graph.Shape{64, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}
	history, err := train.Fit(ctx, m, train.Digits(samples, 1), nodes.CrossEntropy(), train.Adam(2e-3),
		train.Epochs(epochs), train.Validation(train.Digits(1000, 2)), train.Metrics(nodes.Accuracy()),
		train.WithSchedule(train.OneCycle(train.InEpochs(epochs))),
		train.Callbacks(train.Dashboard(addr)))
	if errors.Is(err, context.Canceled) {
		err = nil // Ctrl-C
	}
	if err == nil && len(history.Epochs) > 0 {
		fmt.Printf("after %d epochs: %v\n", len(history.Epochs), history.Last().Validation)
	}
	return err
}
