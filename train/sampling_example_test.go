package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// rare is a data set of three samples of class 0 and one of class 1.
func rare() train.Dataset {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{1, 0, 2, 0, 3, 0, 0, 1}))
	t := tensor.New(tensor.WithShape(4), tensor.WithBacking([]int{0, 0, 0, 1}))
	ds, err := train.Tensors(x, t)
	if err != nil {
		log.Fatal(err)
	}
	return ds
}

// A loss in which one sample of the rare class counts as much as three of the other.
func ExampleClassWeights() {
	w, err := train.ClassWeights(rare(), 2)
	if err != nil {
		log.Fatal(err)
	}
	loss := nodes.CrossEntropy(nodes.ClassWeights(w...))
	fmt.Printf("%.3f %v\n", w, loss != nil)
	// Output: [0.667 2.000] true
}

func ExampleStratified() {
	data := train.Digits(1000, 1)
	training, validation, err := train.Split(data, 0.9, 42, train.Stratified())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(training.Len(), validation.Len())
	// Output: 900 100
}

func ExampleKFold() {
	folds, err := train.KFold(train.Digits(1000, 1), 3, 42)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range folds {
		fmt.Println(f.Training.Len(), f.Validation.Len())
	}
	// Output:
	// 666 334
	// 667 333
	// 667 333
}

// Cross-validation is a study over folds.
func ExampleCompare_folds() {
	folds, err := train.KFold(train.Digits(500, 1), 5, 1, train.Stratified())
	if err != nil {
		log.Fatal(err)
	}
	c, err := train.Compare(context.Background(), train.Study{
		Variants: []train.Variant{{Name: "linear", Model: func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
		}}},
		Folds:     folds,
		Shape:     graph.Shape{50, 1, 28, 28},
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.Adam(1e-2) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(3), train.Metrics(nodes.Accuracy())}
		},
	}, train.LogTo(nil))
	if err != nil {
		log.Fatal(err)
	}
	summaries, err := c.Summaries("accuracy")
	if err != nil {
		log.Fatal(err)
	}
	v := summaries[0].Validation
	fmt.Println(summaries[0].Measure, "of", v.N, "folds, below 60 %:", v.Mean < 60)
	// Output: error % (accuracy) of 5 folds, below 60 %: true
}
