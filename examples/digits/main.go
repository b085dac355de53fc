// Digits trains a convolutional network on images of digits, shows how it goes,
// and leaves the weights and the training curves behind.
//
//	go run ./examples/digits
//	go run ./examples/digits -data DIR -model lenet5 -epochs 8
//	go run ./examples/digits -device cuda
//	go run ./examples/digits -tensorboard runs/digits -report report.html
//
// Without -data it uses the built-in digits, drawn from the Go fonts; with it,
// the MNIST or Fashion-MNIST files in DIR (train-images-idx3-ubyte[.gz], ...).
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/report"
	"github.com/thinnet/thinnet/train"
)

type settings struct {
	data, model, out    string
	device              string
	tensorboard, report string
	epochs, batch       int
	lr                  float64
	seed                uint64
}

func main() {
	var s settings
	flag.StringVar(&s.data, "data", "", "folder of MNIST or Fashion-MNIST files; empty for the built-in digits")
	flag.StringVar(&s.model, "model", "classic", "classic (convolutions with batch norm and spatial dropout) or lenet5 (with dropout)")
	flag.StringVar(&s.out, "out", ".", "folder for weights.safetensors and curves.png")
	flag.StringVar(&s.tensorboard, "tensorboard", "", "folder for event files of TensorBoard; empty for none")
	flag.StringVar(&s.report, "report", "", "HTML file to write a report to; empty for none")
	flag.IntVar(&s.epochs, "epochs", 3, "passes over the training images")
	flag.IntVar(&s.batch, "batch", 64, "images a step")
	flag.Float64Var(&s.lr, "lr", 2e-3, "the highest learning rate of the one-cycle schedule")
	flag.StringVar(&s.device, "device", "cpu", "what computes: cpu, cuda, cuda:N or auto")
	flag.Uint64Var(&s.seed, "seed", 1, "seed of the weights, the masks and the order of the images")
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

func run(ctx context.Context, s settings) error {
	if err := os.MkdirAll(s.out, 0o777); err != nil { // now, not after the training
		return errors.Wrap(err, "-out")
	}
	net, err := choose(s.model)
	if err != nil {
		return err
	}
	training, test, err := load(s)
	if err != nil {
		return errors.WithMessage(err, "-data")
	}
	device, err := graph.ParseDevice(s.device)
	if err != nil {
		return errors.WithMessage(err, "-device")
	}
	m, err := graph.Build(net, graph.Shape{s.batch, 1, 28, 28}, graph.Seed(s.seed), graph.On(device))
	if err != nil {
		return err
	}
	if err := m.Summary(os.Stdout); err != nil {
		return err
	}

	began := time.Now()
	training, validation, err := train.Split(training, 0.9, s.seed)
	if err != nil {
		return err
	}
	var board train.Callback
	if s.tensorboard != "" {
		board = train.TensorBoard(s.tensorboard)
	}
	optimiser := train.Adam(s.lr)
	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), optimiser,
		train.Epochs(s.epochs), train.Validation(validation), train.Metrics(nodes.Accuracy()),
		train.Loading(train.DropLast()), train.Quiet(), // the summary has warned
		train.Callbacks(board),
		train.WithSchedule(train.OneCycle(train.InEpochs(s.epochs))))
	if err != nil {
		return err
	}
	result, err := train.Evaluate(ctx, m, test, nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		return err
	}
	fmt.Printf("test: %v after %v\n", result, time.Since(began).Round(time.Second))

	if s.report != "" {
		err := report.Write(ctx, s.report, m, history, report.Title("Digits: "+s.model),
			report.On(test, nodes.CrossEntropy(), nodes.Accuracy()),
			report.Setting("optimiser", optimiser), report.Setting("schedule", "one cycle"),
			report.Setting("batch", s.batch), report.Setting("training images", training.Len()))
		if err != nil {
			return err
		}
	}

	weights, curves := filepath.Join(s.out, "weights.safetensors"), filepath.Join(s.out, "curves.png")
	if err := export.SaveSafetensors(m, weights); err != nil {
		return err
	}
	if err := history.Plot(curves); err != nil {
		return err
	}
	fmt.Printf("wrote %s and %s\n", weights, curves)
	return show(m, test)
}

// load returns the images to train on and those to test on.
func load(s settings) (training, test train.Dataset, err error) {
	if s.data == "" {
		return train.Digits(6000, s.seed), train.Digits(2000, s.seed+1), nil
	}
	if training, err = train.OpenMNIST(s.data, true); err != nil {
		return nil, nil, err
	}
	test, err = train.OpenMNIST(s.data, false)
	return training, test, err
}

// choose returns the model function of that name.
func choose(name string) (graph.Func, error) {
	switch name {
	case "classic":
		return models.ClassicCNN(10, models.Channels(16, 32)), nil
	case "lenet5":
		return models.LeNet5(10, models.Dropout(0.25)), nil
	}
	return nil, errors.Errorf("-model is %q, want classic or lenet5", name)
}

// show prints a few test images with what the model makes of them.
func show(m *graph.Model, test train.Dataset) error {
	x, t, err := test.Batch([]int{0, 1, 2})
	if err != nil {
		return err
	}
	y, err := m.Predict(x)
	if err != nil {
		return err
	}
	pixels, logits, truth := x.Float32s(), y.Float32s(), t.Ints()
	for i, want := range truth {
		best := 0
		for c, v := range logits[i*10 : i*10+10] {
			if v > logits[i*10+best] {
				best = c
			}
		}
		fmt.Printf("\nthis is a %d, predicted %d\n", want, best)
		for row := 2; row < 26; row += 2 { // characters are twice as high as wide
			for _, v := range pixels[(i*28+row)*28 : (i*28+row)*28+28] {
				fmt.Print(string(" .:*#"[int(min(max(v, 0), 0.999)*5)]))
			}
			fmt.Println()
		}
	}
	return nil
}
