// Imbalanced trains on digits of which some classes are rare, in four ways: as they are, with
// weights of the classes in the loss, with rare classes drawn more often, and with a share of
// each batch from a second data set. Each is cross-validated on stratified folds.
//
//	go run ./examples/imbalanced
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

const classes = 10

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatalf("%+v", err)
	}
}

func run(ctx context.Context) error {
	rare, err := imbalanced(train.Digits(3000, 1))
	if err != nil {
		return err
	}
	folds, err := train.KFold(rare, 3, 1, train.Stratified())
	if err != nil {
		return err
	}
	weights, err := train.ClassWeights(rare, classes)
	if err != nil {
		return err
	}
	fmt.Printf("%d samples; weights of the classes: %.2f\n", rare.Len(), weights)

	plain := train.Study{
		Variants: []train.Variant{{Name: "as they are", Model: models.LeNet5(classes)}},
		Shape:    graph.Shape{50, 1, 28, 28}, Folds: folds, Test: train.Digits(1000, 2), // where all are equally frequent
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.Adam(1e-3) },
	}
	weighted, balanced, mixed := plain, plain, plain
	weighted.Variants = []train.Variant{{Name: "weighted loss", Model: models.LeNet5(classes)}}
	weighted.Loss = nodes.CrossEntropy(nodes.ClassWeights(weights...))
	balanced.Variants = []train.Variant{{Name: "balanced batches", Model: models.LeNet5(classes)}}
	mixed.Variants = []train.Variant{{Name: "mixed with 300 more", Model: models.LeNet5(classes)}}
	more := train.Digits(300, 3)
	mixed.Folds = nil
	for _, f := range folds {
		both, err := train.Concat(f.Training, more)
		if err != nil {
			return err
		}
		mixed.Folds = append(mixed.Folds, train.Fold{Training: both, Validation: f.Validation})
	}
	for _, s := range []struct {
		study   train.Study
		loading []train.LoaderOption
	}{
		{plain, nil}, {weighted, nil},
		{balanced, []train.LoaderOption{train.BalancedClasses(classes)}},
		{mixed, []train.LoaderOption{train.MixedBatches([]float64{3, 1})}},
	} {
		s.study.Options = func() []train.FitOption {
			return []train.FitOption{train.Epochs(15), train.Metrics(nodes.Accuracy()), train.Loading(s.loading...)}
		}
		c, err := train.Compare(ctx, s.study, train.LogTo(nil))
		if err != nil {
			return err
		}
		sums, err := c.Summaries("accuracy")
		if err != nil {
			return err
		}
		fmt.Printf("%-20s error on balanced test digits: %v %%\n", sums[0].Variant, sums[0].Test)
	}
	return nil
}

// imbalanced keeps all of classes 0 to 4, and of the others one sample in eight.
func imbalanced(ds train.Dataset) (train.Dataset, error) {
	all := make([]int, ds.Len())
	for i := range all {
		all[i] = i
	}
	_, t, err := ds.Batch(all)
	if err != nil {
		return nil, err
	}
	var kept []int
	seen := map[int]int{}
	for i, class := range t.Ints() {
		if seen[class]++; class < 5 || seen[class]%8 == 0 {
			kept = append(kept, i)
		}
	}
	x, t, err := ds.Batch(kept)
	if err != nil {
		return nil, err
	}
	return train.Tensors(x, t)
}
