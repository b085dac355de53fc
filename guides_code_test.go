package thinnet

import (
	"context"
	"os"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// What docs/from-pytorch.md and docs/from-keras.md show, and guides_test.go runs.

func mlp(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 128))
	return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.5), 10)
}

func cnn(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.MaxPool2D(nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x)), 2)
	x = nodes.Conv2D(s.In("conv2"), x, 32, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.MaxPool2D(nodes.ReLU(nodes.BatchNorm2D(s.In("bn2"), x)), 2)
	x = regularize.SpatialDropout2D(s.In("drop1"), x, 0.1)
	x = regularize.Dropout(s.In("drop2"), nodes.Flatten(x), 0.5)
	return nodes.Linear(s.In("fc"), x, 10)
}

func classifier(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Reshape(x, 0, 28, 28) // an image read line by line: (N, T, F)
	r := nodes.LSTM(s.In("lstm"), x, 64, nodes.Layers(2),
		nodes.Between(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.3)
		}))
	return nodes.Linear(s.In("fc"), r.Last(), 10)
}

func perceptron(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.ReLU(nodes.Linear(s.In("dense1"), nodes.Flatten(x), 128))
	return nodes.Linear(s.In("dense2"), regularize.Dropout(s.In("drop"), x, 0.5), 10)
}

func convnet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Same(), nodes.NoBias())
	x = nodes.BatchNorm2D(s.In("norm1"), x, nodes.Eps(1e-3), nodes.Momentum(0.01))
	x = nodes.MaxPool2D(nodes.ReLU(x), 2)
	x = nodes.Conv2D(s.In("conv2"), x, 32, 3, nodes.Same(), nodes.NoBias())
	x = nodes.BatchNorm2D(s.In("norm2"), x, nodes.Eps(1e-3), nodes.Momentum(0.01))
	x = regularize.SpatialDropout2D(s.In("drop1"), nodes.MaxPool2D(nodes.ReLU(x), 2), 0.1)
	x = regularize.Dropout(s.In("drop2"), nodes.Flatten(x), 0.5)
	return nodes.Linear(s.In("dense"), x, 10)
}

func lines(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Reshape(x, 0, 28, 28) // an image read line by line: (N, T, F)
	x = nodes.LSTM(s.In("lstm1"), x, 64).Output
	x = regularize.Dropout(s.In("drop"), x, 0.3)
	return nodes.Linear(s.In("dense"), nodes.LSTM(s.In("lstm2"), x, 64).Last(), 10)
}

func trainFromPyTorch(ctx context.Context, training, validation train.Dataset) error {
	m, err := graph.Build(cnn, graph.Shape{64, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}
	schedule := train.PerEpoch(train.Cosine(train.InEpochs(5), 0))
	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(1e-3),
		train.Epochs(5), train.WithSchedule(schedule),
		train.Validation(validation), train.Metrics(nodes.Accuracy()))
	if err != nil {
		return err
	}
	if n := len(history.Epochs); n != 5 {
		return errors.Errorf("trained for %d epochs, want 5", n)
	}

	loader, err := train.NewLoader(training, 64, train.Shuffle(1))
	if err != nil {
		return err
	}
	trainer, optimizer := m.Trainer(nodes.CrossEntropy()), train.Adam(1e-3)
	for epoch := range 5 {
		for batch, err := range loader.Epoch(ctx, epoch) {
			if err != nil {
				return err
			}
			if _, err := trainer.Step(batch.X, batch.T); err != nil {
				return err
			}
			if err := trainer.Update(optimizer); err != nil {
				return err
			}
		}
	}
	return nil
}

func loadFromPyTorch(m *graph.Model) error {
	if err := export.LoadPyTorch(m, "cnn.pt"); err != nil {
		return err
	}
	if err := export.LoadPyTorch(m, "checkpoint.pt", export.Under("model.")); err != nil {
		return err
	}
	if err := export.SaveSafetensors(m, "cnn.safetensors"); err != nil {
		return err
	}
	return nil
}

func trainFromKeras(ctx context.Context, training, validation, test train.Dataset) error {
	m, err := graph.Build(convnet, graph.Shape{64, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		return err
	}
	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(1e-3),
		train.Epochs(5), train.Validation(validation), train.Metrics(nodes.Accuracy()))
	if err != nil {
		return err
	}
	scores, err := train.Evaluate(ctx, m, test, nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil {
		return err
	}
	y, err := train.Predict(ctx, m, test)
	if err != nil {
		return err
	}
	if accuracy, _ := scores.Score("accuracy"); len(history.Epochs) != 5 || y.Shape()[0] != test.Len() || accuracy < 0.3 {
		return errors.Errorf("%d epochs, %v predicted, accuracy %v, want 5, all, and better than chance", len(history.Epochs), y.Shape(), accuracy)
	}

	folder, err := os.MkdirTemp("", "run")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	early := train.Callbacks(train.EarlyStopping(3))
	saved := train.Checkpoints(folder, train.KeepBest(1, train.Highest("accuracy")))
	_, err = train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(1e-3),
		train.Validation(validation), train.Metrics(nodes.Accuracy()), early, saved)
	return err
}

func loadFromKeras(m *graph.Model) (err error) {
	err = export.LoadKeras(m, "weights.npz", export.Flattened("dense.weight", 7, 7, 32))
	if err != nil {
		return err
	}
	return nil
}
