package models_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// places returns the scopes and shapes that a model hands to what drops in it.
func places(t *testing.T, f func(record graph.Func) graph.Func, shape ...int) []string {
	t.Helper()
	var at []string
	build(t, f(func(s *graph.Scope, x *graph.Node) *graph.Node {
		at = append(at, s.Path()+" "+fmt.Sprint(x.Shape()))
		return x
	}), shape...)
	return at
}

func TestPlacesOfDropout(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     func(graph.Func) graph.Func
		shape []int
		want  []string
	}{
		{"MLP", func(f graph.Func) graph.Func { return models.MLP(10, models.Hidden(4, 5), models.DropWith(f)) },
			[]int{2, 6}, []string{"drop1 (2, 4)", "drop2 (2, 5)"}},
		{"LeNet5", func(f graph.Func) graph.Func { return models.LeNet5(10, models.DropWith(f)) },
			[]int{2, 1, 28, 28}, []string{"drop1 (2, 120)", "drop2 (2, 84)"}},
		{"ClassicCNN", func(f graph.Func) graph.Func { return models.ClassicCNN(10, models.DropWith(f)) },
			[]int{2, 1, 28, 28}, []string{"drop (2, 128)"}},
		{"maps of ClassicCNN", func(f graph.Func) graph.Func { return models.ClassicCNN(10, models.MapDropWith(f)) },
			[]int{2, 1, 28, 28}, []string{"block1.drop (2, 32, 28, 28)", "block2.drop (2, 64, 14, 14)"}},
		{"VGG", func(f graph.Func) graph.Func {
			return models.VGG(11, 10, models.CIFARHead(), models.Channels(1, 1, 1, 1, 1), models.Hidden(4, 5), models.DropWith(f))
		}, []int{2, 1, 32, 32}, []string{"classifier.2 (2, 4)", "classifier.5 (2, 5)"}},
		{"ResNet", func(f graph.Func) graph.Func {
			return models.ResNet(18, 10, models.Channels(1, 2, 3, 4), models.DropWith(f))
		}, []int{2, 1, 32, 32}, []string{
			"layer1.0.drop (2, 1, 8, 8)", "layer1.1.drop (2, 1, 8, 8)", "layer2.0.drop (2, 2, 4, 4)", "layer2.1.drop (2, 2, 4, 4)",
			"layer3.0.drop (2, 3, 2, 2)", "layer3.1.drop (2, 3, 2, 2)", "layer4.0.drop (2, 4, 1, 1)", "layer4.1.drop (2, 4, 1, 1)",
		}},
		{"LeNet5Original", func(f graph.Func) graph.Func { return models.LeNet5Original(10, models.DropWith(f)) },
			[]int{2, 1, 32, 32}, []string{"drop1 (2, 120)", "drop2 (2, 84)"}},
		{"PlainCNN", func(f graph.Func) graph.Func { return models.PlainCNN(10, models.DropWith(f), models.MapDropWith(f)) },
			[]int{2, 1, 28, 28}, []string{"drop1 (2, 32, 14, 14)", "drop2 (2, 64, 7, 7)", "drop (2, 128)"}},
		{"DropoutCNN", func(f graph.Func) graph.Func {
			return models.DropoutCNN(10, models.Channels(2, 3), models.Hidden(4, 5), models.DropWith(f))
		}, []int{2, 3, 32, 32}, []string{"drop1 (2, 2, 15, 15)", "drop2 (2, 3, 7, 7)", "drop3 (2, 4)", "drop4 (2, 5)"}},
		{"CIFARResNet", func(f graph.Func) graph.Func {
			return models.CIFARResNet(8, 10, models.Channels(1, 2, 3), models.DropWith(f))
		},
			[]int{2, 3, 8, 8}, []string{"layer1.0.drop (2, 1, 8, 8)", "layer2.0.drop (2, 2, 4, 4)", "layer3.0.drop (2, 3, 2, 2)"}},
		{"WideResNet", func(f graph.Func) graph.Func { return models.WideResNet(10, 1, 10, models.DropWith(f)) },
			[]int{2, 3, 8, 8}, []string{"block1.drop (2, 16, 8, 8)", "block2.drop (2, 32, 4, 4)", "block3.drop (2, 64, 2, 2)"}},
		{"LSTMClassifier", func(f graph.Func) graph.Func {
			return models.LSTMClassifier(10, models.Hidden(4, 5), models.DropWith(f))
		},
			[]int{2, 7, 3}, []string{"drop1 (2, 7, 4)", "drop2 (2, 1, 5)"}},
		{"AWDLSTM", func(f graph.Func) graph.Func {
			return models.AWDLSTM(10, models.Hidden(4, 5), models.EmbeddingSize(3), models.DropWith(f))
		}, []int{2, 7}, []string{"drop1 (2, 7, 4)", "drop2 (2, 7, 5)", "drop3 (2, 7, 3)"}},
		{"UNet", func(f graph.Func) graph.Func { return models.UNet(1, models.Channels(2, 3, 4), models.MapDropWith(f)) },
			[]int{2, 1, 8, 4}, []string{"down1.drop (2, 2, 8, 4)", "down2.drop (2, 3, 4, 2)", "bottom.drop (2, 4, 2, 1)"}},
		{"NetworkInNetwork", func(f graph.Func) graph.Func { return models.NetworkInNetwork(10, models.DropWith(f)) },
			[]int{2, 3, 32, 32}, []string{"drop1 (2, 96, 16, 16)", "drop2 (2, 192, 8, 8)"}},
		{"SeriesCNN", func(f graph.Func) graph.Func {
			return models.SeriesCNN(10, models.Channels(2, 3), models.MapDropWith(f))
		}, []int{2, 1, 16}, []string{"block1.drop (2, 2, 16)", "block2.drop (2, 3, 8)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := places(t, c.f, c.shape...); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The dropout of the language model is locked, at the rates of the paper.
func TestLanguageModelLocksItsDropout(t *testing.T) {
	net := func(f graph.Func) graph.Func {
		return models.AWDLSTM(10, models.Hidden(4), models.EmbeddingSize(3), models.WordDropout(0), models.InputDropout(0), models.WeightDrop(0), models.DropWith(f))
	}
	locked := func(p ...float64) graph.Func {
		i := 0
		return net(func(s *graph.Scope, x *graph.Node) *graph.Node {
			i++
			return regularize.LockedDropout(s, x, p[(i-1)%len(p)])
		})
	}
	x := tensor.New(tensor.WithShape(2, 5), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 0}))
	own := models.AWDLSTM(10, models.Hidden(4), models.EmbeddingSize(3), models.WordDropout(0), models.InputDropout(0), models.WeightDrop(0))
	want, err := build(t, locked(0.3, 0.4), 2, 5).Sample(x, 1)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	got, err := build(t, own, 2, 5).Sample(x, 1)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if !slices.Equal(got.Float32s(), want.Float32s()) {
		t.Error("got other outputs than with LockedDropout of 0.3 and 0.4")
	}
}

// With the same node in the place of dropout a model draws the same.
func TestDropWithDropoutIsDropout(t *testing.T) {
	drop := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.3) }
	x, _ := samples(4, []int{12})
	want, err := build(t, models.MLP(4, models.DropoutRates(0.3, 0.3)), 8, 12).Sample(x, 1)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	got, err := build(t, models.MLP(4, models.DropWith(drop)), 8, 12).Sample(x, 1)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if !slices.Equal(got.Float32s(), want.Float32s()) {
		t.Error("DropWith another Dropout draws other masks")
	}
}

// Of three blocks with a rate of 0.9 at the last, each is left out as often as it
// should be: then another bias at its end changes nothing.
func TestStochasticDepthRisesToTheLastBlock(t *testing.T) {
	const draws = 400
	m := build(t, models.CIFARResNet(8, 2, models.Channels(2, 2, 2), models.StochasticDepth(0.9)), 1, 1, 4, 4)
	x, _ := samples(1, []int{1, 4, 4})
	outputs := func() (out [][]float32) {
		for draw := range draws {
			y, err := m.Sample(x, uint64(draw))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			out = append(out, slices.Clone(y.Float32s()))
		}
		return out
	}
	for i, want := range []float64{0.3, 0.6, 0.9} {
		before := outputs()
		name := fmt.Sprintf("layer%d.0.bn2.bias", i+1)
		for _, w := range m.Weights() {
			if w.Name == name {
				w.Value.Float32s()[0]++
				w.Value.Float32s()[1]++
			}
		}
		same := 0.0
		for draw, y := range outputs() {
			if slices.Equal(y, before[draw]) {
				same++
			}
		}
		// Four standard errors of a rate of 0.5.
		if got := same / draws; math.Abs(got-want) > 0.1 {
			t.Errorf("block %d was left out in %.3f of the draws, want %.3f ± 0.1", i+1, got, want)
		}
	}
}

func TestStochasticDepthOfSamples(t *testing.T) {
	for _, c := range []struct {
		opts []models.CIFARResNetOption
		want graph.Drawing
	}{
		{[]models.CIFARResNetOption{models.StochasticDepth(0.5)}, graph.Drawing{Batches: true}},
		{[]models.CIFARResNetOption{models.StochasticDepth(0.5, regularize.RowMode())}, graph.Drawing{Samples: true}},
	} {
		got, err := build(t, models.CIFARResNet(8, 2, c.opts...), 2, 1, 4, 4).Drawing()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
}

// A branch is dropped for the whole batch, what it holds for each sample.
func TestWhatAResNetDrawsFor(t *testing.T) {
	m := build(t, models.ResNet(18, 10, models.Channels(1, 2, 3, 4), models.StochasticDepth(0.2), models.Dropout(0.5)), 2, 1, 32, 32)
	got, err := m.Drawing()
	if want := (graph.Drawing{Samples: true, Batches: true}); err != nil || got != want {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
}
