package report_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/report"
	"github.com/thinnet/thinnet/train"
)

func history() *train.History {
	h := &train.History{}
	for i, loss := range []float64{2, 0.5, math.NaN(), 0.25} {
		h.Epochs = append(h.Epochs, train.Epoch{
			Number: i + 1, Evaluation: train.Evaluation{Loss: loss, Scores: []train.Score{{Name: "accuracy", Value: 0.5 + 0.1*float64(i)}}},
			Validation: &train.Evaluation{Loss: 1.25}, LearningRate: 0.01, Duration: 90 * time.Second,
		})
	}
	return h
}

// three are logits of three samples in three classes, with the sum of exponentials 4.
func three(t testing.TB) train.Dataset {
	log2 := float32(math.Ln2)
	return tensors(t, of([]float32{0, 0, log2, 0, log2, 0, log2, 0, 0}, 3, 3), of([]int{2, 0, 1}, 3))
}

func TestClasses(t *testing.T) {
	data := named{three(t), []string{"cat & dog", "<script>alert(1)</script>", `"quoted"`}}
	text := write(t, build(t, passing, 2, 3), history(), report.Title("A <b>title</b>"),
		report.On(data, nodes.CrossEntropy(), nodes.Accuracy()), report.Setting("rate <", 0.5), nil)
	lacks(t, text, "<script", "<b>title")
	got := plain(text)
	wants(t, got,
		"A <b>title</b>", "loss 1.1552 accuracy 0.3333 epochs 4 time of training 6m0s parameters 0", // (2·ln 4 + ln 2)/3
		"On 3 samples", "cat & dog 0 1 0", "<script>alert(1)</script> 1 0 0", `"quoted" 0 0 1`,
		`"quoted" 1 100.0 % 100.0 % 100.0 %`, "cat & dog 1 0.0 % 0.0 % 0.0 %",
		"sample class predicted confidence loss 1 cat & dog <script>alert(1)</script> 50.0 % 1.3863 2 <script>alert(1)</script> cat & dog 50.0 % 1.3863 0",
		"rate < 0.5", "seed 7", "kernels", "Largest losses", "3 NaN 1.2500 0.7000 0.0100 1m30s", "4 0.2500 1.2500 0.8000 0.0100 1m30s")
	lacks(t, got, "First-layer filters")
	lacks(t, text, "<img")
}

// What a curve says in words, and where it has a gap.
func TestCurves(t *testing.T) {
	text := write(t, build(t, passing, 2, 3), history())
	wants(t, text, `aria-label="loss: in training from 2.0000 to 0.2500; in validation from 1.2500 to 1.2500"`,
		`aria-label="learning rate: from 0.0100 to 0.0100"`, "epoch 2, training: 0.5000", `<path class="line" d="M46.0 `)
	if n := strings.Count(text, "epoch 3, training:"); n != 2 { // of the accuracy and the rate
		t.Errorf("epoch 3 has %d dots of training, want 2", n)
	}
	got := plain(text)
	lacks(t, got, "Confusion", "Largest", "Evaluation")
	wants(t, got, "loss in training 0.2500 loss in validation 1.2500")
	long := history()
	for i := range 100 {
		long.Epochs = append(long.Epochs, train.Epoch{Number: 5 + i, Evaluation: train.Evaluation{Loss: math.Exp(-float64(i))}})
	}
	text = write(t, build(t, passing, 2, 3), long)
	wants(t, text, "logarithmic")
	lacks(t, text, "<circle")
}

func TestOddHistories(t *testing.T) {
	m := build(t, passing, 2, 3)
	for _, h := range []*train.History{
		nil, {}, {Epochs: []train.Epoch{{Number: 1, Evaluation: train.Evaluation{Loss: 1}}}},
		{Epochs: []train.Epoch{{Number: 3, Evaluation: train.Evaluation{Loss: math.NaN()}}, {Number: 4, Evaluation: train.Evaluation{Loss: math.Inf(1)}}}},
		{Epochs: []train.Epoch{{Number: 1, Evaluation: train.Evaluation{Loss: -math.MaxFloat64}}, {Number: 2, Evaluation: train.Evaluation{Loss: math.MaxFloat64}}}},
		{Epochs: []train.Epoch{{Number: 1, Evaluation: train.Evaluation{Loss: 1}}, {Number: 2, Evaluation: train.Evaluation{Loss: math.Nextafter(1, 2)}}}},
	} {
		text := write(t, m, h)
		lacks(t, text, `="NaN"`, `="+Inf"`, `="-Inf"`, "L NaN", "MNaN")
	}
}

// A regression has no classes; its worst samples are those of the largest error.
func TestRegression(t *testing.T) {
	data := tensors(t, of([]float32{1, 2, 3, 4}, 4, 1), of([]float32{1, 0, 3.5, 4}, 4, 1))
	got := plain(write(t, build(t, passing, 3, 1), nil, report.On(data, nodes.MSE()), report.Mistakes(2)))
	wants(t, got, "sample target output error 1 0.0000 2.0000 4.0000 2 3.5000 3.0000 0.2500 Model", "squared error")
	lacks(t, got, "Confusion", "precision", "accuracy", "Curves")
}

// Yes and no, by a logit; and probabilities, which stay as they are.
func TestYesNoAndProbabilities(t *testing.T) {
	log3 := float32(math.Log(3))
	data := tensors(t, of([]float32{log3, -log3, log3}, 3), of([]float32{1, 1, 0}, 3))
	one := func(s *graph.Scope, x *graph.Node) *graph.Node { return x }
	got := plain(write(t, build(t, one, 2), nil, report.On(data, nodes.BCEWithLogits())))
	wants(t, got, "0 0 1 1 1 1", "1 1 0 75.0 % 1.3863 2 0 1 75.0 % 1.3863 0 1 1 75.0 % 0.2877") // -ln ¼, -ln ¾
	odds := tensors(t, of([]float32{0.25, 0.75, 0.5, 0.5}, 2, 2), of([]float32{1, 0, 0, 1}, 2, 2))
	got = plain(write(t, build(t, passing, 2, 2), nil, report.On(odds, nodes.MSE())))
	wants(t, got, "0 0 1 75.0 % 1.3863 1 1 0 50.0 % 0.6931")
}

func TestPictures(t *testing.T) {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.Flatten(nodes.Conv2D(s.In("conv"), x, 5, 3)), 10)
	}
	text := write(t, build(t, net, 50, 1, 28, 28), nil, report.On(train.Digits(60, 1), nodes.CrossEntropy()), report.Mistakes(7))
	if n := strings.Count(text, `alt="Sample `); n != 7 {
		t.Errorf("there are %d pictures of samples, want 7", n)
	}
	wants(t, plain(text), "5 filters of conv.weight, 3 × 3", "conv Conv2D", "50 × 10")
	text = write(t, build(t, net, 50, 1, 28, 28), nil, report.On(train.Digits(60, 1), nodes.CrossEntropy()), report.Mistakes(0))
	lacks(t, text, "Largest losses", `alt="Sample `)
}

// Where a matrix would be too large to read, there are the pairs that matter.
func TestManyClasses(t *testing.T) {
	const n = 30
	x, target := make([]float32, n*n), make([]int, n)
	for i := range n {
		target[i] = i
		x[i*n+min(i, 20)] = 9
	}
	data := tensors(t, of(x, n, n), of(target, n))
	got := plain(write(t, build(t, passing, 8, n), nil, report.On(data, nodes.CrossEntropy())))
	wants(t, got, "Most confused classes class taken for times 21 20 1 22 20 1")
	lacks(t, got, "Confusion matrix")
}

// Maps of classes have a matrix, and no samples to rank.
func TestSegmentation(t *testing.T) {
	data := tensors(t, of(make([]float32, 2*2*2*3), 2, 2, 2, 3), of(make([]int, 12), 2, 2, 3))
	same := func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.ReLU(x) }
	got := plain(write(t, build(t, same, 2, 2, 2, 3), nil, report.On(data, nodes.CrossEntropy())))
	wants(t, got, "Confusion matrix", "0 12 0")
	lacks(t, got, "Largest losses")
}

func TestMistakes(t *testing.T) {
	m, dir := build(t, passing, 2, 3), t.TempDir()
	kept := filepath.Join(dir, "kept.html")
	if err := os.WriteFile(kept, []byte("what was there"), 0o666); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	on := report.On(three(t), nodes.CrossEntropy())
	for _, c := range []struct {
		name string
		ctx  context.Context
		path string
		m    *graph.Model
		opts []report.Option
		want string
	}{
		{"no path", t.Context(), "", m, nil, "report.Write: the path is empty"},
		{"a folder", t.Context(), dir, m, nil, "is a folder"},
		{"a missing folder", t.Context(), filepath.Join(dir, "none", "x.html"), m, nil, "no such file"},
		{"no model", t.Context(), kept, nil, nil, "report.Write: the model is not built"},
		{"no data", t.Context(), kept, m, []report.Option{report.On(nil, nodes.CrossEntropy())}, "report.Write: On: the data set is nil"},
		{"no loss", t.Context(), kept, m, []report.Option{report.On(three(t), nil)}, "report.Write: On: train.Evaluate: the loss is nil"},
		{"no metric", t.Context(), kept, m, []report.Option{report.On(three(t), nodes.CrossEntropy(), nil)}, "metric 0 is nil"},
		{"fewer than none", t.Context(), kept, m, []report.Option{report.Mistakes(-1)}, "Mistakes is -1, want at least 0"},
		{"other data", t.Context(), kept, build(t, passing, 2, 4), []report.Option{on}, "report.Write: On: "},
		{"canceled", canceled, kept, m, []report.Option{on}, "context canceled"},
	} {
		err := report.Write(c.ctx, c.path, c.m, history(), c.opts...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != "what was there" {
		t.Errorf("the file is %q, %v", text, err)
	}
}
