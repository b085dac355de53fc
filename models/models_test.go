package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

func build(t *testing.T, f graph.Func, shape ...int) *graph.Model {
	t.Helper()
	m, err := graph.Build(f, shape, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

// What the networks of testdata/interop/classic.py have in their state_dict, in
// its order.
var (
	lenet5 = []string{
		"conv1.weight (6, 1, 5, 5)", "conv1.bias (6)", "conv2.weight (16, 6, 5, 5)", "conv2.bias (16)",
		"fc1.weight (120, 400)", "fc1.bias (120)", "fc2.weight (84, 120)", "fc2.bias (84)", "fc3.weight (10, 84)", "fc3.bias (10)",
	}
	mlp = []string{
		"fc1.weight (64, 784)", "fc1.bias (64)", "fc2.weight (32, 64)", "fc2.bias (32)", "fc3.weight (10, 32)", "fc3.bias (10)",
	}
	classicCNN = slices.Concat(
		[]string{"block1.conv1.weight (32, 1, 3, 3)"}, norm("block1.bn1", "(32)"),
		[]string{"block1.conv2.weight (32, 32, 3, 3)"}, norm("block1.bn2", "(32)"),
		[]string{"block2.conv1.weight (64, 32, 3, 3)"}, norm("block2.bn1", "(64)"),
		[]string{"block2.conv2.weight (64, 64, 3, 3)"}, norm("block2.bn2", "(64)"),
		[]string{"fc1.weight (128, 3136)"}, norm("fc_bn", "(128)"),
		[]string{"fc2.weight (10, 128)", "fc2.bias (10)"},
	)
)

func norm(path, shape string) []string {
	return []string{
		path + ".weight " + shape, path + ".bias " + shape,
		path + ".running_mean " + shape, path + ".running_var " + shape, path + ".num_batches_tracked ()",
	}
}

func TestWeightsAreThoseOfPyTorch(t *testing.T) {
	for _, c := range []struct {
		name string
		f    graph.Func
		want []string
	}{
		{"LeNet5", models.LeNet5(10), lenet5},
		{"MLP", models.MLP(10, models.Hidden(64, 32)), mlp},
		{"ClassicCNN", models.ClassicCNN(10), classicCNN},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range build(t, c.f, 2, 1, 28, 28).Weights() {
				got = append(got, w.Name+" "+fmt.Sprint(w.Value.Shape()))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got weights\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// The numbers are summed by hand from the layers' shapes.
func TestNumberOfParameters(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     graph.Func
		shape []int
		want  int
	}{
		{"MLP", models.MLP(10), []int{2, 1, 28, 28}, 784*512 + 512 + 512*512 + 512 + 512*10 + 10},
		{"MLP of vectors", models.MLP(3, models.Hidden(4)), []int{2, 5}, 5*4 + 4 + 4*3 + 3},
		{"linear MLP", models.MLP(3, models.Hidden()), []int{2, 5}, 5*3 + 3},
		{"LeNet5", models.LeNet5(10), []int{2, 1, 28, 28}, 156 + 2416 + 48120 + 10164 + 850},
		{"LeNet5 of the smallest images", models.LeNet5(10), []int{2, 1, 12, 12}, 156 + 2416 + 16*120 + 120 + 10164 + 850},
		{"LeNet5 of colours", models.LeNet5(100), []int{2, 3, 32, 32}, 3*6*25 + 6 + 2416 + 576*120 + 120 + 10164 + 8500},
		{"ClassicCNN", models.ClassicCNN(10), []int{2, 1, 28, 28}, 9632 + 55552 + 401664 + 1290},
		{"unpadded LeNet5", models.LeNet5(10, models.Unpadded()), []int{2, 1, 28, 28}, 156 + 2416 + 256*120 + 120 + 10164 + 850},
		{"smallest unpadded LeNet5", models.LeNet5(10, models.Unpadded()), []int{2, 1, 16, 16}, 156 + 2416 + 16*120 + 120 + 10164 + 850},
		{"LeNet5Original", models.LeNet5Original(10), []int{2, 1, 32, 32}, 156 + 12 + 2416 + 32 + 48120 + 10164 + 850},
		{"PlainCNN", models.PlainCNN(10), []int{2, 1, 28, 28}, 320 + 18496 + 401536 + 1290},
		{"PlainCNN of 16, 32, 64", models.PlainCNN(10, models.Channels(16, 32, 64)), []int{2, 3, 32, 32},
			(27+1)*16 + (144+1)*32 + (288+1)*64 + (1024+1)*128 + 1290},
		{"DropoutCNN", models.DropoutCNN(10), []int{2, 3, 32, 32},
			(75+1)*96 + (2400+1)*128 + (3200+1)*256 + (2304+1)*2048 + (2048+1)*2048 + 20490},
		{"small DropoutCNN", models.DropoutCNN(3, models.Channels(2), models.Hidden()), []int{2, 1, 3, 4}, 26*2 + 3*3},
		{"NetworkInNetwork", models.NetworkInNetwork(10), []int{2, 3, 32, 32}, 966_986},
		{"NetworkInNetwork of the smallest images", models.NetworkInNetwork(10), []int{2, 3, 6, 6}, 966_986},
		{"SeriesCNN", models.SeriesCNN(10), []int{2, 8, 1024}, 1664 + 62080 + 650},
		{"small SeriesCNN", models.SeriesCNN(2, models.Channels(3, 4)), []int{2, 1, 4}, 9 + 6 + 36 + 8 + 10},
		{"LSTMClassifier", models.LSTMClassifier(10), []int{2, 100, 8}, 4*64*(8+64) + 8*64 + 4*64*128 + 8*64 + 650},
		{"LSTMClassifier in both directions", models.LSTMClassifier(3, models.Hidden(4), models.Bidirectional()), []int{2, 5, 2}, 2*(16*6+32) + 8*3 + 3},
		{"small ClassicCNN", models.ClassicCNN(2, models.Channels(4), models.Dense(8)), []int{2, 3, 5, 5},
			3*4*9 + 8 + 4*4*9 + 8 + 16*8 + 16 + 8*2 + 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, got := build(t, c.f, c.shape...), 0
			for _, w := range m.Weights() {
				if w.Trainable {
					got += w.Value.Shape().TotalSize()
				}
			}
			if got != c.want {
				t.Errorf("got %d parameters, want %d", got, c.want)
			}
			if out := m.OutputShape(); out[0] != 2 || out.Dims() != 2 {
				t.Errorf("got output shape %v, want (2, classes)", out)
			}
		})
	}
}

// The smallest images that the check lets through.
func TestLeNet5OfSmallImages(t *testing.T) {
	build(t, models.LeNet5(10), 1, 1, 12, 12)
	build(t, models.LeNet5(10, models.Unpadded()), 1, 1, 16, 16)
}

// Hidden holds on both sides of CIFARHead, and may be none.
func TestHiddenOfCIFARHead(t *testing.T) {
	thin := models.Channels(1, 1, 1, 1, 1)
	for _, widths := range [][]int{{3, 4}, {}} {
		before := parameters(build(t, models.VGG(11, 10, thin, models.Hidden(widths...), models.CIFARHead()), 1, 3, 32, 32))
		after := parameters(build(t, models.VGG(11, 10, thin, models.CIFARHead(), models.Hidden(widths...)), 1, 3, 32, 32))
		if before != after || after > 1000 {
			t.Errorf("Hidden%v: got %d parameters before and %d after CIFARHead, want equal numbers below 1000", widths, before, after)
		}
	}
}
