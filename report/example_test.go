package report_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/report"
	"github.com/thinnet/thinnet/train"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, path := context.Background(), filepath.Join(dir, "report.html")
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	optimiser, test := train.Adam(1e-3), train.Digits(100, 2)
	history, err := train.Fit(ctx, m, train.Digits(500, 1), nodes.CrossEntropy(), optimiser, train.Epochs(3), train.ReportTo(nil))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	err = report.Write(ctx, path, m, history, report.Title("Digits"),
		report.On(test, nodes.CrossEntropy(), nodes.TopK(3)), report.Setting("optimiser", optimiser))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.HasPrefix(page, []byte("<!DOCTYPE html>")), bytes.Count(page, []byte("<img ")), "pictures")
	// Output: true 25 pictures
}
