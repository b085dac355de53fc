package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

func ExampleTensorBoard() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	_, err = train.Fit(context.Background(), m, train.Digits(500, 1), nodes.CrossEntropy(), train.Adam(1e-3),
		train.Epochs(3), train.Metrics(nodes.Accuracy()), train.Validation(train.Digits(100, 2)), train.ReportTo(nil),
		train.Callbacks(train.TensorBoard(dir, train.ScalarsEvery(10))))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	for _, part := range []string{"train", "validation"} {
		files, err := filepath.Glob(filepath.Join(dir, part, "events.out.tfevents.*"))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(part, len(files))
	}
	// Output:
	// train 1
	// validation 1
}
