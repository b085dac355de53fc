// Dropout-study compares a network without dropout, with it in the hidden layers,
// and with it in the hidden layers and on the input; then rates from 0.2 to 0.5,
// with 0 as the control. It trains on the built-in digits, prints what came out,
// and leaves figures and tables behind.
//
//	go run ./examples/dropout-study
//	go run ./examples/dropout-study -out study -seeds 5
//
// With -out it may be interrupted: the next time it goes on where it was.
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
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

type settings struct {
	out            string
	seeds, epochs  int
	samples, width int
}

func main() {
	var s settings
	flag.StringVar(&s.out, "out", "dropout-study", "folder for the results")
	flag.IntVar(&s.seeds, "seeds", 3, "train each network with the seeds 1 to this")
	flag.IntVar(&s.epochs, "epochs", 40, "passes over the training images")
	flag.IntVar(&s.samples, "samples", 1000, "images to train on")
	flag.IntVar(&s.width, "width", 256, "units in each of the two hidden layers")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q; see -help", flag.Arg(0))
	}
	if s.seeds < 1 {
		log.Fatalf("-seeds is %d, want at least 1", s.seeds)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		log.Fatal(err)
	}
}

// net has dropout on the input and in the hidden layers.
func (s settings) net(input, hidden float64) graph.Func {
	return models.MLP(10, models.Hidden(s.width, s.width), models.InputDropout(input), models.Dropout(hidden))
}

func run(ctx context.Context, s settings) error {
	err := s.compare(ctx, "three",
		train.Variant{Name: "none", Model: s.net(0, 0)},
		train.Variant{Name: "hidden 0.5", Model: s.net(0, 0.5)},
		train.Variant{Name: "hidden 0.5, input 0.2", Model: s.net(0.2, 0.5)})
	if err != nil {
		return err
	}
	var rates []train.Variant
	for _, p := range []float64{0, 0.2, 0.3, 0.4, 0.5} {
		rates = append(rates, train.Variant{Name: fmt.Sprintf("rate %.1f", p), Model: s.net(0, p)})
	}
	return s.compare(ctx, "rates", rates...)
}

// compare trains variants, and writes what came out under a name.
func (s settings) compare(ctx context.Context, name string, variants ...train.Variant) error {
	fmt.Printf("\n%s\n", name)
	validation := train.Digits(1000, 2)
	c, err := train.Compare(ctx, train.Study{
		Variants:  variants,
		Seeds:     seedsTo(s.seeds),
		Shape:     graph.Shape{50, 1, 28, 28},
		Training:  train.Digits(s.samples, 1),
		Test:      train.Digits(2000, 3),
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.SGD(0.02, train.Momentum(0.9)) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(s.epochs), train.Validation(validation), train.Metrics(nodes.Accuracy()),
				train.WithSchedule(train.LinearDecay(train.InEpochs(s.epochs)))}
		},
		CleanTraining: true,
	}, train.ResultsIn(filepath.Join(s.out, name)), train.CheckpointEvery(10))
	if err != nil {
		return err
	}
	for _, measure := range []string{"accuracy", "loss"} {
		fmt.Println()
		if err := c.Table(os.Stdout, measure); err != nil {
			return err
		}
	}
	picture, table := filepath.Join(s.out, name+".png"), filepath.Join(s.out, name+".csv")
	if err := c.Plot(picture, "accuracy", "loss"); err != nil {
		return err
	}
	f, err := os.Create(table)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	if err := c.WriteCSV(f); err != nil {
		return err
	}
	fmt.Printf("\nwrote %s and %s\n", picture, table)
	return errors.WithStack(f.Close())
}

// seedsTo counts from 1 to n.
func seedsTo(n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	return seeds
}
