package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// draws is the number of thinned networks of a Monte Carlo prediction.
const draws = 50

// confidence is how sure a network is of what it says.
type confidence struct {
	name                string
	accuracy            float64
	calibration         *nodes.Calibration
	inside, outside     []float64 // entropy of images like the training data, and of others
	disagree, disagree2 []float64 // mutual information of the same; none of a single pass
}

// monteCarlo asks networks that mnist-mlp has trained how sure they are, of
// MNIST's test images and of Fashion-MNIST's, on which they cannot be right.
func monteCarlo(ctx context.Context, s settings) error {
	inside, err := train.OpenMNIST(filepath.Join(s.data, "mnist"), false)
	if err != nil {
		return err
	}
	outside, err := train.OpenMNIST(filepath.Join(s.data, "fashion-mnist"), false)
	if err != nil {
		return err
	}
	from := filepath.Join(filepath.Dir(s.out), "mnist-mlp", fmt.Sprintf("%d-epochs", orElse(s.epochs, 20)))
	two := []int{800, 800}
	none, err := load(perceptron{hidden: two}, from, "none")
	if err != nil {
		return err
	}
	dropout, err := load(perceptron{hidden: two, input: 0.2, within: 0.5}, from, "input 0.2, hidden 0.5")
	if err != nil {
		return err
	}
	var found []confidence
	for _, ask := range []func() (confidence, error){
		func() (confidence, error) { return onePass(ctx, "no dropout", none, inside, outside) },
		func() (confidence, error) { return onePass(ctx, "dropout, one pass", dropout, inside, outside) },
		func() (confidence, error) { return manyPasses(ctx, dropout, inside, outside) },
	} {
		c, err := ask()
		if err != nil {
			return err
		}
		found = append(found, c)
	}
	if err := os.MkdirAll(s.out, 0o777); err != nil {
		return errors.WithStack(err)
	}
	if err := plotConfidence(found, filepath.Join(s.out, "confidence.png")); err != nil {
		return err
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\terror %\tcalibration error %\tentropy, MNIST\tentropy, Fashion-MNIST\ttold apart by entropy\tby mutual information")
	for _, c := range found {
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.3f\t%.3f\t%.4f\t", c.name, 100*(1-c.accuracy), 100*c.calibration.Value(),
			mean(c.inside), mean(c.outside), area(c.inside, c.outside))
		if c.disagree != nil {
			fmt.Fprintf(t, "%.4f", area(c.disagree, c.disagree2))
		}
		fmt.Fprintln(t)
	}
	return errors.WithStack(t.Flush())
}

// load returns the network that mnist-mlp has trained with seed 1.
func load(p perceptron, folder, variant string) (*graph.Model, error) {
	c, err := train.ReadComparison(folder, variant)
	if err != nil {
		return nil, errors.WithMessage(err, "-run mnist-mlp trains the networks; for those of 60 epochs give -epochs 60")
	}
	m, err := graph.Build(p.declare, graph.Shape{100, 1, 28, 28}, graph.Seed(c.Runs[0].Seed))
	if err != nil {
		return nil, err
	}
	return m, export.LoadSafetensors(m, c.Runs[0].Weights)
}

// onePass is the usual prediction, with dropout off.
func onePass(ctx context.Context, name string, m *graph.Model, inside, outside train.Dataset) (confidence, error) {
	c := confidence{name: name, calibration: nodes.CalibrationError(15)}
	e, err := train.Evaluate(ctx, m, inside, nodes.CrossEntropy(), nodes.Accuracy(), c.calibration)
	if err != nil {
		return c, err
	}
	c.accuracy, _ = e.Score("accuracy")
	entropies := func(data train.Dataset) (out []float64, err error) {
		y, err := train.Predict(ctx, m, data)
		if err != nil {
			return nil, err
		}
		for logits := y.Float32s(); len(logits) > 0; logits = logits[10:] {
			out = append(out, entropy(logits[:10]))
		}
		return out, nil
	}
	if c.inside, err = entropies(inside); err != nil {
		return c, err
	}
	c.outside, err = entropies(outside)
	return c, err
}

// manyPasses is the mean of thinned networks.
func manyPasses(ctx context.Context, m *graph.Model, inside, outside train.Dataset) (confidence, error) {
	c := confidence{name: fmt.Sprintf("dropout, %d draws", draws), calibration: nodes.CalibrationError(15)}
	in, err := train.PredictMonteCarlo(ctx, m, inside, draws, train.Softmax())
	if err != nil {
		return c, err
	}
	scores, err := in.Score(ctx, inside, nodes.Accuracy(), c.calibration)
	if err != nil {
		return c, err
	}
	c.accuracy = scores[0].Value
	out, err := train.PredictMonteCarlo(ctx, m, outside, draws, train.Softmax())
	if err != nil {
		return c, err
	}
	c.inside, c.outside = widen(in.Entropy.Float32s()), widen(out.Entropy.Float32s())
	c.disagree, c.disagree2 = widen(in.MutualInformation.Float32s()), widen(out.MutualInformation.Float32s())
	return c, nil
}
