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

// On average half of the samples of an epoch are of the rare class.
func ExampleBalancedClasses() {
	l, err := train.NewLoader(rare(), 50, train.Shuffle(1), train.BalancedClasses(2, train.Draws(1000)))
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	for b, err := range l.Epoch(context.Background(), 0) {
		if err != nil {
			log.Fatal(err)
		}
		for _, class := range b.T.Data().([]int) {
			n += class
		}
	}
	fmt.Println("between 450 and 550 of 1000:", n > 450 && n < 550)
	// Output: between 450 and 550 of 1000: true
}

// A sample of weight 0 is left out; the order of the others is drawn, the heavy ones
// mostly first.
func ExampleWeightedSampling() {
	l, err := train.NewLoader(rare(), 4, train.Shuffle(1),
		train.WeightedSampling([]float64{1, 0, 1, 8}, train.WithoutReplacement()))
	if err != nil {
		log.Fatal(err)
	}
	first := 0 // epochs that begin with the last sample, of class 1
	for epoch := range 100 {
		for b, err := range l.Epoch(context.Background(), epoch) {
			if err != nil {
				log.Fatal(err)
			}
			first += b.T.Data().([]int)[0]
		}
	}
	fmt.Println("about 80 of 100:", first > 65 && first < 95)
	// Output: about 80 of 100: true
}

func ExampleConcat() {
	data, err := train.Concat(train.Digits(1000, 1), train.Digits(200, 2))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Len())
	// Output: 1200
}

// Three quarters of each batch are of the first data set, and a quarter of the second,
// small as that is.
func ExampleMixedBatches() {
	data, err := train.Concat(train.Digits(1000, 1), rareDigits())
	if err != nil {
		log.Fatal(err)
	}
	l, err := train.NewLoader(data, 32, train.Shuffle(1), train.MixedBatches([]float64{3, 1}))
	if err != nil {
		log.Fatal(err)
	}
	for b, err := range l.Epoch(context.Background(), 0) {
		if err != nil {
			log.Fatal(err)
		}
		if b.Index == 0 {
			fmt.Println(b.X.Shape(), "of", l.Len(), "batches")
		}
	}
	// Output: (32, 1, 28, 28) of 32 batches
}

// rareDigits stands for data that was hard to come by.
func rareDigits() train.Dataset { return train.Digits(20, 2) }

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
