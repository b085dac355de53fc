package models_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

// Which models a summary warns of, as built by default and with dropout between
// convolutions. A wide residual network has, as in its paper, dropout of pixels behind a
// convolution, but no norm behind that in the branch.
func TestWarningsOfModels(t *testing.T) {
	const (
		single = "single pixels just after a convolution"
		shift  = "block2.bn1 after block1.drop, fc_bn after block2.drop: dropout before a batch norm"
	)
	for name, c := range map[string]struct {
		f     graph.Func
		shape graph.Shape
		want  []string
	}{
		"LeNet-5":                    {models.LeNet5(10), graph.Shape{2, 1, 28, 28}, nil},
		"LeNet-5 of the paper":       {models.LeNet5Original(10), graph.Shape{2, 1, 32, 32}, nil},
		"classic":                    {models.ClassicCNN(10), graph.Shape{2, 1, 28, 28}, []string{shift}},
		"MLP":                        {models.MLP(10, models.Hidden(8, 8), models.Dropout(0.5)), graph.Shape{2, 20}, nil},
		"VGG with norms":             {models.VGG(11, 10, models.BatchNorm(), models.CIFARHead()), graph.Shape{2, 3, 32, 32}, nil},
		"residual":                   {models.ResNet(18, 10), graph.Shape{2, 3, 64, 64}, nil},
		"residual with random depth": {models.CIFARResNet(20, 10, models.StochasticDepth(0.5)), graph.Shape{2, 3, 32, 32}, nil},
		"wide residual":              {models.WideResNet(10, 1, 10, models.Dropout(0.3)), graph.Shape{2, 3, 32, 32}, []string{single}},
	} {
		var b strings.Builder
		if err := build(t, c.f, c.shape...).Summary(&b); err != nil {
			t.Fatalf("%+v", err)
		}
		var got []string
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(line, "warning: ") {
				got = append(got, line)
			}
		}
		if !slices.EqualFunc(got, c.want, strings.Contains) {
			t.Errorf("%s: got warnings %q, want %q", name, got, c.want)
		}
	}
}
