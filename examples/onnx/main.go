// Onnx trains a network on digits, writes it as an ONNX file, reads the file without knowing
// the network, and trains it further under another last layer, on two classes of its own.
//
//	go run ./examples/onnx
//	go run ./examples/onnx -out digits.onnx
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/onnx"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func main() {
	out := flag.String("out", "", "the ONNX file; by default one that is removed at the end")
	flag.Parse()
	if err := run(context.Background(), *out); err != nil {
		log.Fatalf("%+v", err)
	}
}

func run(ctx context.Context, path string) error {
	if path == "" {
		dir, err := os.MkdirTemp("", "onnx")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "digits.onnx")
	}
	if err := export(ctx, path); err != nil {
		return err
	}
	if err := predict(ctx, path); err != nil {
		return err
	}
	return further(ctx, path)
}

func export(ctx context.Context, path string) error {
	m, err := graph.Build(models.LeNet5(10), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}
	if _, err := train.Fit(ctx, m, train.Digits(3000, 1), nodes.CrossEntropy(), train.Adam(1e-3), train.Epochs(3), train.ReportTo(nil)); err != nil {
		return err
	}
	return onnx.Export(m, path)
}

// predict loads the file as a model, whatever wrote it.
func predict(ctx context.Context, path string) error {
	m, err := onnx.Load(path)
	if err != nil {
		return err
	}
	e, err := train.Evaluate(ctx, m, train.Digits(1000, 2), nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		return err
	}
	accuracy, _ := e.Score("accuracy")
	fmt.Printf("%s: the input has shape %v, accuracy %.3f\n", filepath.Base(path), m.Shape(), accuracy)
	return nil
}

// further learns whether a digit is even, from what goes into the last layer of the file.
func further(ctx context.Context, path string) error {
	f, err := onnx.Open(path, onnx.Output("relu#4/Relu"))
	if err != nil {
		return err
	}
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("head"), f.Declare(s.In("body"), x), 2)
	}, graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}
	h, err := train.Fit(ctx, m, parity{train.Digits(1000, 3)}, nodes.CrossEntropy(), train.Adam(1e-2), train.Epochs(5),
		train.Freeze("body.*"), train.Validation(parity{train.Digits(1000, 4)}), train.Metrics(nodes.Accuracy()), train.ReportTo(nil))
	if err != nil {
		return err
	}
	accuracy, _ := h.Last().Validation.Score("accuracy")
	fmt.Printf("even or odd, by a new last layer: accuracy %.3f\n", accuracy)
	return nil
}

// parity are the samples of digits whose target is 1 for odd ones.
type parity struct{ train.Dataset }

func (p parity) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if x, t, err = p.Dataset.Batch(indices); err != nil {
		return nil, nil, err
	}
	for i, class := range t.Ints() {
		t.Ints()[i] = class % 2
	}
	return x, t, nil
}
