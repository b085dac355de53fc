package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

func ExampleLogCSV() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	table, objects := filepath.Join(dir, "run.csv"), filepath.Join(dir, "run.jsonl")
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	_, err = train.Fit(context.Background(), m, train.Digits(200, 1), nodes.CrossEntropy(), train.Adam(1e-3),
		train.Epochs(3), train.Metrics(nodes.Accuracy()), train.ReportTo(nil),
		train.Callbacks(train.LogCSV(table), train.LogJSONLines(objects)))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	text, err := os.ReadFile(table)
	if err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	fmt.Println(lines[0])
	fmt.Println(len(lines)-2, "epochs")
	// Output:
	// epoch,loss,accuracy,lr,seconds
	// 3 epochs
}
