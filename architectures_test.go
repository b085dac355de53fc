package thinnet

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

// architectures are those of testdata/interop/modules.py, small ones under the names
// they have there. They drop nothing.
var architectures = map[string]graph.Func{
	"vgg11":                    models.VGG(11, 10, models.Channels(2, 3, 3, 3, 3), models.Hidden(5, 4), models.Dropout(0)),
	"vgg13_bn":                 models.VGG(13, 10, models.CIFARHead(), models.BatchNorm(), models.Channels(2, 2, 3, 3, 4), models.Hidden(6, 5), models.Dropout(0)),
	"vgg16":                    models.VGG(16, 10, models.CIFARHead(), models.Channels(2, 2, 3, 3, 4), models.Hidden()),
	"vgg19_bn":                 models.VGG(19, 10, models.CIFARHead(), models.BatchNorm(), models.Channels(2, 2, 2, 3, 3), models.Hidden(5, 5), models.Dropout(0)),
	"resnet18":                 models.ResNet(18, 10, models.Channels(2, 3, 4, 4)),
	"resnet34":                 models.ResNet(34, 10, models.Channels(2, 2, 3, 3)),
	"resnet50":                 models.ResNet(50, 10, models.Channels(1, 1, 2, 2)),
	"cifar_resnet20":           models.CIFARResNet(20, 10, models.Channels(2, 3, 6)),
	"cifar_resnet14_projected": models.CIFARResNet(14, 10, models.Projection(), models.Channels(3, 4, 4)),
	"wrn16_1":                  models.WideResNet(16, 1, 10, models.Dropout(0)),
	"wrn10_2":                  models.WideResNet(10, 2, 10, models.Dropout(0)),
	"network_in_network":       models.NetworkInNetwork(10, models.Dropout(0)),
	"series_cnn":               models.SeriesCNN(10, models.Channels(3, 4, 4)),
	"plain_cnn":                models.PlainCNN(10, models.Channels(2, 3, 4), models.Dense(6), models.PoolDropout(0), models.Dropout(0)),
	"dropout_cnn": models.DropoutCNN(10, models.Channels(3, 2, 4), models.Hidden(6, 5), models.MaxNorm(math.Inf(1)),
		models.InputDropout(0), models.Dropout(0)),
	"lstm_classifier":        models.LSTMClassifier(10, models.Hidden(5, 4), models.Dropout(0)),
	"lstm_classifier_padded": models.LSTMClassifier(10, models.Hidden(4, 3), models.Bidirectional(), models.Padded(0), models.Dropout(0)),
	"awd_lstm":               models.AWDLSTM(11, models.EmbeddingSize(4), models.Hidden(6, 5)),
	"unet":                   models.UNet(10, models.Channels(2, 3, 4), models.SpatialDropout(0)),
	"lenet5_original":        models.LeNet5Original(10),
}

// Up to fifty layers one after another, some with a batch norm over three values,
// make more of a rounding than the two networks of networks.json: the largest
// difference was 6e-11, in an output of 20.
const architectureTolerance = 1e-8

func TestArchitecturesTrainAsInPyTorch(t *testing.T) {
	for _, c := range trainings(t, "testdata/golden/architectures.json") {
		t.Run(c.Name, func(t *testing.T) {
			net := architectures[c.Name]
			if net == nil {
				t.Fatal("no model of ours is compared with it")
			}
			c.check(t, net, architectureTolerance, graph.Float64())
		})
	}
}
