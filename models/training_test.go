package models_test

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Every model with its dropout learns eight random samples by heart. A chance guess
// has a loss of ln 4 = 1.39.
func TestTrainingReducesTheLoss(t *testing.T) {
	const classes = 4
	images, large := []int{1, 12, 12}, []int{1, 32, 32}
	for _, c := range []struct {
		name   string
		f      graph.Func
		sample []int
		rate   float64
	}{
		{"MLP", models.MLP(classes), images, 0.1},
		{"MLP with max-norm", models.MLP(classes, models.Hidden(64, 32), models.MaxNorm(2)), images, 0.1},
		{"LeNet5", models.LeNet5(classes, models.Dropout(0.2)), images, 0.1},
		{"ClassicCNN", models.ClassicCNN(classes, models.Channels(8, 16)), images, 0.1},
		{"VGG", models.VGG(11, classes, models.CIFARHead(), models.BatchNorm(), models.Channels(4, 8, 8, 8, 16)), large, 0.1},
		{"ResNet", models.ResNet(18, classes, models.Channels(4, 4, 8, 8), models.Dropout(0.1)), large, 0.02},
		{"MLP of logistic units", models.MLP(classes, models.Hidden(64), models.Units(nodes.Sigmoid), models.WeightInit(graph.XavierNormal(1))), images, 1},
		{"LeNet5Original", models.LeNet5Original(classes), large, 0.2},
		{"PlainCNN", models.PlainCNN(classes, models.Channels(8, 16)), images, 0.1},
		{"DropoutCNN", models.DropoutCNN(classes, models.Channels(8, 16), models.Hidden(64), models.DropoutRates(0.25, 0.25, 0.5)), images, 0.1},
		{"CIFARResNet", models.CIFARResNet(14, classes, models.Channels(4, 8, 8), models.StochasticDepth(0.2)), images, 0.1},
		{"CIFARResNet by samples", models.CIFARResNet(8, classes, models.StochasticDepth(0.2, regularize.RowMode())), images, 0.1},
		{"WideResNet", models.WideResNet(10, 1, classes), images, 0.1},
		{"NetworkInNetwork", models.NetworkInNetwork(classes, models.Dropout(0.02)), []int{1, 6, 6}, 0.03},
		{"SeriesCNN", models.SeriesCNN(classes, models.Channels(8, 16), models.SpatialDropout(0.1)), []int{2, 32}, 0.1},
		{"LSTMClassifier", models.LSTMClassifier(classes, models.Hidden(16, 16), models.Padded(0)), []int{6, 5}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, target := samples(classes, c.sample)
			first, last := learn(t, c.f, nodes.CrossEntropy(), c.rate, x, target)
			if !(last < first/2) {
				t.Errorf("got a loss of %.3g after %.3g, want at most half", last, first)
			}
		})
	}
}

// A language model learns a text of four words that follow each other in a circle.
func TestTrainingOfALanguageModel(t *testing.T) {
	const n, steps, words = 4, 6, 4
	x, target := make([]float32, n*steps), make([]int, n*steps)
	for i := range x {
		x[i], target[i] = float32(i%words), (i+1)%words
	}
	f := models.AWDLSTM(words, models.EmbeddingSize(12), models.Hidden(16), models.InputDropout(0.1), models.Dropout(0.1), models.WeightDrop(0.2))
	shape := tensor.WithShape(n, steps)
	first, last := learn(t, f, nodes.CrossEntropy(), 5, tensor.New(shape, tensor.WithBacking(x)), tensor.New(shape, tensor.WithBacking(target)))
	if !(last < first/2) {
		t.Errorf("got a loss of %.3g after %.3g, want at most half", last, first)
	}
}

// A denoiser learns to take noise off eight images.
func TestTrainingOfADenoiser(t *testing.T) {
	clean, _ := samples(1, []int{1, 8, 8})
	noise, _ := samples(1, []int{1, 8, 8})
	noisy := make([]float32, len(clean.Float32s()))
	for i, v := range clean.Float32s() {
		noisy[i] = v + noise.Float32s()[len(noisy)-1-i]/2
	}
	x := tensor.New(tensor.WithShape(clean.Shape()...), tensor.WithBacking(noisy))
	first, last := learn(t, models.UNet(1, models.Channels(8, 16)), nodes.MSE(), 0.3, x, clean)
	if !(last < first/2) {
		t.Errorf("got a loss of %.3g after %.3g, want at most half", last, first)
	}
}

// samples returns eight random samples and their classes.
func samples(classes int, sample []int) (x, target *tensor.Dense) {
	const n = 8
	r := rand.New(rand.NewPCG(1, 2))
	shape := append([]int{n}, sample...)
	values := make([]float32, graph.Shape(shape).TotalSize())
	for i := range values {
		values[i] = float32(r.NormFloat64())
	}
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % classes
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)), tensor.New(tensor.WithShape(n), tensor.WithBacking(labels))
}

// learn takes 60 steps and returns the first and the last losses, each averaged
// over a few masks.
func learn(t *testing.T, f graph.Func, loss graph.Loss, rate float64, x, target *tensor.Dense) (first, last float64) {
	t.Helper()
	m := build(t, f, x.Shape()...)
	tr := m.Trainer(loss)
	solver := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(rate))
	const steps, window = 60, 5
	for step := range steps {
		r, err := tr.Step(x, target)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if err := tr.Update(solver); err != nil {
			t.Fatalf("%+v", err)
		}
		if step < window {
			first += r.Loss / window
		}
		if step >= steps-window {
			last += r.Loss / window
		}
	}
	return first, last
}
