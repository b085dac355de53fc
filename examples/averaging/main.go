// Averaging looks for a learning rate by a range test, and then trains one network four
// ways, at 10 times the rate suggested, which leaves noise in the weights: plainly, with
// an exponential moving average of the weights, with stochastic weight averaging, and in
// steps of four batches, of which there are a quarter. It trains on the built-in digits,
// prints what came out, and leaves the plot of the range test behind.
//
//	go run ./examples/averaging
//	go run ./examples/averaging -lr 0.2 -epochs 20
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

type settings struct {
	out             string
	lr              float64
	epochs, samples int
	seed            uint64
}

func main() {
	var s settings
	flag.StringVar(&s.out, "out", ".", "folder for rates.png")
	flag.Float64Var(&s.lr, "lr", 0, "the learning rate; 0 for 10 times what the range test suggests")
	flag.IntVar(&s.epochs, "epochs", 12, "passes over the training images")
	flag.IntVar(&s.samples, "samples", 3000, "images to train on")
	flag.Uint64Var(&s.seed, "seed", 1, "seed of the weights and the order of the images")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q; see -help", flag.Arg(0))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		log.Fatal(err)
	}
}

const batch = 32

func net(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Linear(s.In("fc1"), nodes.Flatten(x), 128, nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm1D(s.In("bn1"), x))
	x = nodes.Linear(s.In("fc2"), x, 128, nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm1D(s.In("bn2"), x))
	return nodes.Linear(s.In("fc3"), x, 10)
}

func (s settings) build() (*graph.Model, error) {
	return graph.Build(net, graph.Shape{batch, 1, 28, 28}, graph.Seed(s.seed))
}

// optimiser makes one for each training, since it keeps moments.
func optimiser(lr float64) *train.Optimizer { return train.SGD(lr, train.Momentum(0.9)) }

func run(ctx context.Context, s settings) error {
	if s.epochs < 2 {
		return errors.Errorf("-epochs is %d, want at least 2", s.epochs)
	}
	data := train.Digits(s.samples, s.seed)
	rate, err := s.rangeTest(ctx, data)
	if err != nil {
		return err
	}

	// SWA averages the weights at the ends of the epochs of the second half. Its rate stays
	// high, so that they differ.
	half := s.epochs / 2
	ways := []struct {
		name string
		opts []train.FitOption
	}{
		{"plain", nil},
		{"EMA", []train.FitOption{train.Callbacks(train.EMA(0.99, train.WarmUpDecay()))}},
		{"SWA", []train.FitOption{
			train.Callbacks(train.SWA(half + 1)),
			train.WithSchedule(train.SWALR(train.InEpochs(half), rate/2, train.InEpochs(1), train.Constant())),
		}},
		{"steps of 4 batches", []train.FitOption{train.Accumulate(4)}},
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ntest images\tloss\taccuracy\tsteps")
	for _, way := range ways {
		m, err := s.build()
		if err != nil {
			return err
		}
		steps := 0
		count := train.OnStep(func(t *train.Training) error { steps = t.Steps(); return nil })
		opts := append(way.opts, count, train.Epochs(s.epochs), train.ReportTo(nil))
		if _, err := train.Fit(ctx, m, data, nodes.CrossEntropy(), optimiser(rate), opts...); err != nil {
			return errors.WithMessage(err, way.name)
		}
		result, err := train.Evaluate(ctx, m, train.Digits(2000, s.seed+1), nodes.CrossEntropy(), nodes.Accuracy())
		if err != nil {
			return errors.WithMessage(err, way.name)
		}
		accuracy, _ := result.Score("accuracy")
		fmt.Fprintf(w, "%s\t%.4f\t%.2f %%\t%d\n", way.name, result.Loss, 100*accuracy, steps)
	}
	return w.Flush()
}

// rangeTest returns the learning rate to train with, and plots the loss at the others.
func (s settings) rangeTest(ctx context.Context, data train.Dataset) (rate float64, err error) {
	if err := os.MkdirAll(s.out, 0o777); err != nil {
		return 0, errors.Wrap(err, "-out")
	}
	m, err := s.build()
	if err != nil {
		return 0, err
	}
	curve, err := train.FindLR(ctx, m, data, nodes.CrossEntropy(), optimiser(1), train.LRRange{From: 1e-4, To: 10})
	if err != nil {
		return 0, err
	}
	path := filepath.Join(s.out, "rates.png")
	if err := curve.Plot(path); err != nil {
		return 0, err
	}
	if rate = s.lr; rate == 0 {
		if rate, err = curve.Suggestion(); err != nil {
			return 0, err
		}
		rate *= 10
	}
	fmt.Printf("%d rates tried, from %.1e to %.1e: see %s; training at %.1e\n", len(curve.Rates), curve.Rates[0], curve.Rates[len(curve.Rates)-1], path, rate)
	return rate, nil
}
