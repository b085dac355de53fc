package main

import (
	"context"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// cifarWRN trains a small wide residual network, WRN-10-2, with its dropout and
// without, on a part of CIFAR-10: the first 10,000 images to train on, 5,000 others
// to validate on, and 1,000 test images. There is no augmentation, and Nesterov
// momentum, batch and weight decay are those of the paper.
func cifarWRN(ctx context.Context, s settings) error {
	open := func(name string) (train.Dataset, error) {
		d, err := train.OpenCIFAR10(filepath.Join(s.data, "cifar10", name))
		return train.Map(d, train.Normalize([]float64{0.4914, 0.4822, 0.4465}, []float64{0.2470, 0.2435, 0.2616})), err
	}
	training, err := open("data_batch_1.bin.gz")
	if err != nil {
		return err
	}
	validation, err := open("data_batch_2_first5000.bin.gz")
	if err != nil {
		return err
	}
	test, err := open("test_batch_first1000.bin.gz")
	if err != nil {
		return err
	}
	epochs := orElse(s.epochs, 10)
	_, err = s.compare(ctx, train.Study{
		Variants: []train.Variant{
			{Name: "none", Model: models.WideResNet(10, 2, 10, models.Dropout(0))},
			{Name: "dropout 0.3", Model: models.WideResNet(10, 2, 10)},
		},
		Seeds:    seedsTo(orElse(s.seeds, 1)),
		Shape:    graph.Shape{128, 3, 32, 32},
		Training: training,
		Test:     test,
		Loss:     nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer {
			return train.SGD(0.1, train.Momentum(0.9), train.Nesterov(), train.WeightDecay(5e-4))
		},
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(epochs), train.Validation(validation), train.Metrics(nodes.Accuracy()),
				train.WithSchedule(train.Cosine(train.InEpochs(epochs), 0))}
		},
		CleanTraining: true,
	}, epochs, "accuracy", "loss")
	return err
}
