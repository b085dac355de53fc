package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// A training that is cut off goes on when the program is run again: here it ends with
// the very loss of one that was not.
func ExampleCheckpoints() {
	folder, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	program := func(ctx context.Context, opts ...train.FitOption) (*train.History, error) {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
		}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			return nil, err
		}
		return train.Fit(ctx, m, train.Digits(500, 1), nodes.CrossEntropy(), train.Adam(1e-3),
			append(opts, train.Epochs(4), train.ReportTo(nil))...)
	}

	ctx, interrupt := context.WithCancel(context.Background())
	_, err = program(ctx, train.Checkpoints(folder), train.OnStep(func(t *train.Training) error {
		if t.Steps() == 17 {
			interrupt() // as Ctrl-C does with signal.NotifyContext
		}
		return nil
	}))
	fmt.Println(err)

	again, err := program(context.Background(), train.Checkpoints(folder))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	whole, err := program(context.Background())
	if err != nil {
		log.Fatalf("%+v", err)
	}
	fmt.Println(len(again.Epochs), again.Last().Loss == whole.Last().Loss)
	// Output:
	// train.Fit: epoch 2: context canceled
	// 4 true
}

// Ctrl-C leaves a checkpoint, and the best epoch has one of its own.
func ExampleCheckpoints_interrupt() {
	folder, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	training, validation, err := train.Split(train.Digits(300, 1), 0.5, 1)
	if err != nil {
		log.Fatalf("%+v", err)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(1e-3), train.Epochs(20),
		train.Checkpoints(folder, train.EveryInterval(10*time.Minute), train.KeepBest(1, train.Highest("accuracy"))),
		train.Validation(validation), train.Metrics(nodes.Accuracy()), train.Callbacks(train.EarlyStopping(3)), train.ReportTo(nil))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	files, err := os.ReadDir(folder)
	fmt.Println(history.Last().Number > 3, len(files) > 0, err)
	// Output:
	// true true <nil>
}

func ExampleEarlyStopping() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	training, validation, err := train.Split(train.Digits(300, 1), 0.5, 1)
	if err != nil {
		log.Fatalf("%+v", err)
	}
	early := train.EarlyStopping(2)
	history, err := train.Fit(context.Background(), m, training, nodes.CrossEntropy(), train.Adam(0.05),
		train.Epochs(100), train.Validation(validation), train.ReportTo(nil), train.Callbacks(early))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	best, _ := early.Best()
	fmt.Println(len(history.Epochs)-best, "epochs after the best one, before the 100th:", len(history.Epochs) < 100)
	// Output:
	// 2 epochs after the best one, before the 100th: true
}
