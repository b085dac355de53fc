package models_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

func TestMistakes(t *testing.T) {
	images, large := graph.Shape{2, 1, 28, 28}, graph.Shape{2, 3, 32, 32}
	for _, c := range []struct {
		name  string
		f     graph.Func
		shape graph.Shape
		want  string
	}{
		{"no classes", models.MLP(0), images, "MLP: classes is 0, want at least 1"},
		{"no classes", models.LeNet5(-1), images, "LeNet5: classes is -1, want at least 1"},
		{"no classes", models.ClassicCNN(0), images, "ClassicCNN: classes is 0, want at least 1"},
		{"width", models.MLP(10, models.Hidden(32, -3)), images, "MLP: the width of hidden layer 2 is -3, want at least 1"},
		{"input dropout", models.MLP(10, models.InputDropout(1.5)), images, "drop_in: Dropout: p is 1.5, want 0 ≤ p ≤ 1"},
		{"dropout", models.MLP(10, models.Dropout(-0.5)), images, "drop1: Dropout: p is -0.5, want 0 ≤ p ≤ 1"},
		{"dropout", models.LeNet5(10, models.Dropout(math.NaN())), images, "drop1: Dropout: p is NaN, want 0 ≤ p ≤ 1"},
		{"dropout", models.ClassicCNN(10, models.Dropout(2)), images, "drop: Dropout: p is 2, want 0 ≤ p ≤ 1"},
		{"spatial dropout", models.ClassicCNN(10, models.SpatialDropout(2)), images, "block1.drop: SpatialDropout2D: p is 2, want 0 ≤ p ≤ 1"},
		{"max-norm", models.MLP(10, models.MaxNorm(0)), images, "fc1: MaxNorm: c is 0, want c > 0"},
		{"no option", models.MLP(10, nil, models.Dropout(7)), images, "drop1: Dropout: p is 7, want 0 ≤ p ≤ 1"},
		{"no blocks", models.ClassicCNN(10, models.Channels()), images, "ClassicCNN: Channels has no number, want one for each block"},
		{"channels", models.ClassicCNN(10, models.Channels(8, 0)), images, "ClassicCNN: block 2 has 0 channels, want at least 1"},
		{"dense", models.ClassicCNN(10, models.Dense(-1)), images, "ClassicCNN: Dense is -1, want at least 1"},
		{"too many blocks", models.ClassicCNN(10, models.Channels(4, 4, 4, 4, 4)), images,
			"block5: the images that reach this block have shape (2, 4, 1, 1), want 2 by 2 pixels or more to halve; choose fewer Channels"},
		{"vectors", models.ClassicCNN(10), graph.Shape{2, 784}, "block1.conv1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"vectors", models.LeNet5(10), graph.Shape{2, 784}, "conv1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"numbers", models.MLP(10), graph.Shape{2}, "flatten#1: Flatten: x has shape (2), want (N, ...) with two axes or more"},
		{"rates", models.MLP(10, models.DropoutRates(0.1, 0.2, 0.3)), images, "MLP: DropoutRates has 3 numbers, want 2, one for each place: drop1, drop2"},
		{"no rates", models.LeNet5(10, models.DropoutRates()), images, "LeNet5: DropoutRates has 0 numbers, want 2, one for each place: drop1, drop2"},
		{"second rate", models.LeNet5(10, models.DropoutRates(0.1, 3)), images, "drop2: Dropout: p is 3, want 0 ≤ p ≤ 1"},
		{"nothing to drop with", models.MLP(10, models.DropWith(nil)), images, "drop1: the function of DropWith is nil"},
		{"nothing to drop with", models.ClassicCNN(10, models.MapDropWith(nil)), images, "block1.drop: the function of MapDropWith is nil"},
		{"depth", models.VGG(12, 10), large, "VGG: depth is 12, want 11, 13, 16 or 19"},
		{"depth", models.ResNet(20, 10), large, "ResNet: depth is 20, want 18, 34, 50, 101 or 152"},
		{"no classes", models.VGG(11, 0), large, "VGG: classes is 0, want at least 1"},
		{"no classes", models.ResNet(18, 0), large, "ResNet: classes is 0, want at least 1"},
		{"blocks", models.VGG(11, 10, models.Channels(1, 2)), large, "VGG: Channels has 2 numbers, want 5, one for each block"},
		{"blocks", models.ResNet(18, 10, models.Channels(1, 2, 3)), large, "ResNet: Channels has 3 numbers, want 4, one for each block"},
		{"width", models.VGG(11, 10, models.Hidden(0)), large, "VGG: the width of hidden layer 1 is 0, want at least 1"},
		{"small images", models.VGG(11, 10), images, "VGG: the images have shape (2, 1, 28, 28), want 32 by 32 pixels or more, for five poolings halve them"},
		{"vectors", models.VGG(11, 10), graph.Shape{2, 784}, "features.0: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"vectors", models.ResNet(18, 10), graph.Shape{2, 784}, "conv1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"rates", models.ResNet(18, 10, models.DropoutRates(0.1, 0.2)), large, "ResNet: DropoutRates has 2 numbers, want 8, one for each place: layer1.0.drop, layer1.1.drop, layer2.0.drop, layer2.1.drop, layer3.0.drop, layer3.1.drop, layer4.0.drop, layer4.1.drop"},
		{"rates", models.ResNet(34, 10, models.DropoutRates(0.1)), large, "ResNet: DropoutRates has 1 numbers, want 16, one for each place: layer1.0.drop, layer1.1.drop, layer1.2.drop, ..., layer4.2.drop"},
		{"rates of nothing", models.MLP(10, models.Hidden(), models.DropoutRates(0.1)), images, "MLP: DropoutRates has 1 numbers, want 0, one for each place: there is none"},
		{"units", models.MLP(10, models.Units(nil)), images, "MLP: the function of Units is nil"},
		{"small images", models.LeNet5(10), graph.Shape{2, 1, 11, 12}, "LeNet5: the images have shape (2, 1, 11, 12), want 12 by 12 pixels or more, for two convolutions and two poolings"},
		{"small images", models.LeNet5(10, models.Unpadded()), graph.Shape{2, 1, 16, 15}, "LeNet5: the images have shape (2, 1, 16, 15), want 16 by 16 pixels or more, for two convolutions and two poolings"},
		{"size", models.LeNet5Original(10), images, "LeNet5Original: the images have shape (2, 1, 28, 28), want (N, C, 32, 32); LeNet5 takes other sizes"},
		{"vectors", models.LeNet5Original(10), graph.Shape{2, 784}, "c1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"no classes", models.PlainCNN(0), images, "PlainCNN: classes is 0, want at least 1"},
		{"too many blocks", models.PlainCNN(10, models.Channels(1, 1, 1, 1, 1)), images,
			"conv5: the images that reach this block have shape (2, 1, 1, 1), want 2 by 2 pixels or more to halve; choose fewer Channels"},
		{"dropout after pooling", models.PlainCNN(10, models.PoolDropout(-1)), images, "drop1: Dropout: p is -1, want 0 ≤ p ≤ 1"},
		{"dense", models.PlainCNN(10, models.Dense(0)), images, "PlainCNN: Dense is 0, want at least 1"},
		{"rates", models.DropoutCNN(10, models.DropoutRates(0.5, 0.5)), large, "DropoutCNN: DropoutRates has 2 numbers, want 5, one for each place: drop1, drop2, drop3, drop4, drop5"},
		{"max-norm", models.DropoutCNN(10, models.MaxNorm(-1), models.Channels(1), models.Hidden(1)), large, "MaxNorm: c is -1, want c > 0"},
		{"small images", models.DropoutCNN(10), graph.Shape{2, 3, 14, 32}, "DropoutCNN: the images have shape (2, 3, 14, 32), want 15 by 15 pixels or more for 3 poolings"},
		{"vectors", models.DropoutCNN(10), graph.Shape{2, 784}, "conv1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"depth", models.CIFARResNet(18, 10), large, "CIFARResNet: depth is 18, want 6n+2 with n at least 1, such as 20, 32, 44, 56 or 110"},
		{"depth", models.CIFARResNet(2, 10), large, "CIFARResNet: depth is 2, want 6n+2 with n at least 1, such as 20, 32, 44, 56 or 110"},
		{"channels", models.CIFARResNet(8, 10, models.Channels(3, 2, 4)), large, "CIFARResNet: block 2 has 2 channels after 3, want no fewer"},
		{"stochastic depth", models.CIFARResNet(8, 10, models.StochasticDepth(1.5)), large, "CIFARResNet: StochasticDepth is 1.5, want 0 ≤ p ≤ 1"},
		{"stochastic depth", models.ResNet(18, 10, models.StochasticDepth(math.NaN())), large, "ResNet: StochasticDepth is NaN, want 0 ≤ p ≤ 1"},
		{"vectors", models.CIFARResNet(8, 10), graph.Shape{2, 784}, "conv1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"no layers", models.LSTMClassifier(10, models.Hidden()), graph.Shape{2, 5, 3}, "LSTMClassifier: Hidden has no number, want one for each layer"},
		{"width", models.LSTMClassifier(10, models.Hidden(4, 0)), graph.Shape{2, 5, 3}, "LSTMClassifier: the width of hidden layer 2 is 0, want at least 1"},
		{"no series", models.LSTMClassifier(10), images, "LSTMClassifier: x has shape (2, 1, 28, 28), want (N, T, F)"},
		{"dropout", models.LSTMClassifier(10, models.Dropout(2)), graph.Shape{2, 5, 3}, "drop1: Dropout: p is 2, want 0 ≤ p ≤ 1"},
		{"no words", models.AWDLSTM(0), graph.Shape{2, 5}, "AWDLSTM: words is 0, want at least 1"},
		{"no numbers for a word", models.AWDLSTM(7, models.EmbeddingSize(0)), graph.Shape{2, 5}, "AWDLSTM: EmbeddingSize is 0, want at least 1"},
		{"width", models.AWDLSTM(7, models.Hidden(-1)), graph.Shape{2, 5}, "AWDLSTM: the width of hidden layer 1 is -1, want at least 1"},
		{"rates", models.AWDLSTM(7, models.DropoutRates(0.1, 0.2)), graph.Shape{2, 5}, "AWDLSTM: DropoutRates has 2 numbers, want 3, one for each place: drop1, drop2, drop3"},
		{"no words", models.AWDLSTM(7), graph.Shape{2, 5, 3}, "AWDLSTM: x has shape (2, 5, 3), want words (N, T)"},
		{"word dropout", models.AWDLSTM(7, models.Hidden(3), models.WordDropout(-1)), graph.Shape{2, 5}, "encoder.weight: EmbeddingDropout: p is -1, want 0 ≤ p ≤ 1"},
		{"weight drop", models.AWDLSTM(7, models.Hidden(3), models.WeightDrop(2)), graph.Shape{2, 5}, "rnns.0.weight_hh_l0: DropConnect: p is 2, want 0 ≤ p ≤ 1"},
		{"penalty", models.AWDLSTM(7, models.Hidden(3), models.ActivationPenalties(-1, 0)), graph.Shape{2, 5}, "ActivationL2: α is -1, want a finite value ≥ 0"},
		{"odd images", models.UNet(1, models.Channels(2, 3, 4)), graph.Shape{2, 1, 28, 30},
			"UNet: the images have shape (2, 1, 28, 30), want a height and a width that 4 divides, for 2 poolings to halve them; pad the images, or choose fewer Channels"},
		{"no maps", models.UNet(0), large, "UNet: out is 0, want at least 1"},
		{"no sizes", models.UNet(1, models.Channels()), large, "UNet: Channels has no number, want one for each block"},
		{"vectors", models.UNet(1), graph.Shape{2, 784}, "UNet: x has shape (2, 784), want (N, C, H, W)"},
		{"spatial dropout", models.UNet(1, models.SpatialDropout(-1), models.Channels(1, 1)), images, "down1.drop: SpatialDropout2D: p is -1, want 0 ≤ p ≤ 1"},
		{"depth", models.WideResNet(18, 2, 10), large, "WideResNet: depth is 18, want 6n+4 with n at least 1, such as 16, 28 or 40"},
		{"depth", models.WideResNet(4, 2, 10), large, "WideResNet: depth is 4, want 6n+4 with n at least 1, such as 16, 28 or 40"},
		{"width", models.WideResNet(16, 0, 10), large, "WideResNet: k is 0, want at least 1"},
		{"dropout", models.WideResNet(16, 1, 10, models.Dropout(2)), large, "block1.drop: Dropout: p is 2, want 0 ≤ p ≤ 1"},
		{"vectors", models.WideResNet(16, 1, 10), graph.Shape{2, 784}, "conv: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"small images", models.NetworkInNetwork(10), graph.Shape{2, 3, 5, 4}, "NetworkInNetwork: the images have shape (2, 3, 5, 4), want 6 by 6 pixels or more, for two poolings halve them"},
		{"no classes", models.NetworkInNetwork(0), large, "NetworkInNetwork: classes is 0, want at least 1"},
		{"vectors", models.NetworkInNetwork(1), graph.Shape{2, 784}, "conv1: Conv2D: x has shape (2, 784), want (N, C, H, W)"},
		{"short series", models.SeriesCNN(10), graph.Shape{2, 3, 63}, "SeriesCNN: the series have shape (2, 3, 63), want 64 values or more for 6 blocks to halve; choose fewer Channels"},
		{"images", models.SeriesCNN(10), images, "block1.conv: Conv1D: x has shape (2, 1, 28, 28), want (N, C, L)"},
		{"spatial dropout", models.SeriesCNN(10, models.SpatialDropout(2)), graph.Shape{2, 3, 64}, "block1.drop: SpatialDropout1D: p is 2, want 0 ≤ p ≤ 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := graph.Build(c.f, c.shape)
			if want := "graph.Build: " + c.want; err == nil || err.Error() != want {
				t.Errorf("got error %v, want %q", err, want)
			}
		})
	}
}
