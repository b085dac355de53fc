package deploy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

var resnet = model{name: "ResNet 18", net: models.ResNet(18, 1000), shape: graph.Shape{1, 3, 64, 64}}

// Ready to predict: a frozen file, or a model that is built and loaded, each up to its
// first prediction.
func BenchmarkStart(b *testing.B) {
	m := resnet.build(b)
	path, weights := frozen(b, m), filepath.Join(b.TempDir(), "weights.safetensors")
	if err := export.SaveSafetensors(m, weights); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	x := resnet.input(1)
	b.Run("frozen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := deploy.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			predict(b, p, x)
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB/file")
	})
	b.Run("built and loaded", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m, err := graph.Build(resnet.net, resnet.shape)
			if err != nil {
				b.Fatal(err)
			}
			if err := export.LoadSafetensors(m, weights); err != nil {
				b.Fatal(err)
			}
			predict(b, m, x)
		}
	})
}

// One prediction of one sample.
func BenchmarkPredict(b *testing.B) {
	for _, c := range []model{{name: "MLP", net: models.MLP(10), shape: graph.Shape{1, 1, 28, 28}}, resnet} {
		m := c.build(b)
		p := open(b, frozen(b, m), c.net)
		x := c.input(1)
		y := make([]float32, len(predict(b, p, x).Float32s()))
		b.Run(c.name+"/PredictInto of the file", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := p.PredictInto(y, x.Float32s()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/Predict of the model", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				predict(b, m, x)
			}
		})
	}
}
