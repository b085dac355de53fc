// Resume trains a network in a way that survives being stopped: Ctrl-C, a kill or a
// power cut. Run again, it goes on where it was, and ends with the very weights of a run
// that was left alone.
//
//	go run ./examples/resume   # press Ctrl-C after some epochs
//	go run ./examples/resume   # goes on
//
// It trains on the built-in digits until the loss on the validation images has not
// become lower for -patience epochs, and leaves the weights of the best epoch behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

type settings struct {
	out              string
	epochs, patience int
	samples          int
}

func main() {
	var s settings
	flag.StringVar(&s.out, "out", "resume", "folder for the checkpoints and the results")
	flag.IntVar(&s.epochs, "epochs", 40, "passes over the training images, at most")
	flag.IntVar(&s.patience, "patience", 4, "epochs without a lower loss on the validation images after which training ends")
	flag.IntVar(&s.samples, "samples", 6000, "images, a tenth of them for validation")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q; see -help", flag.Arg(0))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C ends at once
	err := run(ctx, s)
	if errors.Is(err, context.Canceled) {
		log.Fatalf("stopped, and saved in %s; the same command goes on", s.out)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, s settings) error {
	training, validation, err := train.Split(train.Digits(s.samples, 1), 0.9, 1)
	if err != nil {
		return err
	}
	m, err := graph.Build(models.ClassicCNN(10, models.Channels(16, 32)), graph.Shape{64, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}

	early := train.EarlyStopping(s.patience)
	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.AdamW(1e-3),
		train.Epochs(s.epochs), train.Validation(validation), train.Metrics(nodes.Accuracy()),
		train.Loading(train.DropLast()), train.Quiet(),
		train.Callbacks(early, train.LogCSV(filepath.Join(s.out, "epochs.csv"))),
		train.Checkpoints(filepath.Join(s.out, "checkpoints"), train.KeepBest(1, train.Lowest("loss"))))
	if err != nil {
		return err
	}
	epoch, loss := early.Best()
	fmt.Printf("best in epoch %d of %d: loss %.4f on the validation images\n", epoch, len(history.Epochs), loss)

	// The model has the weights of that epoch.
	result, err := train.Evaluate(ctx, m, train.Digits(2000, 2), nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		return err
	}
	fmt.Printf("test: %v\n", result)
	return export.SaveSafetensors(m, filepath.Join(s.out, "weights.safetensors"))
}
