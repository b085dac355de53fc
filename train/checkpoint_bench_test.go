package train

import (
	"path/filepath"
	"testing"

	"github.com/thinnet/thinnet/export"
	"gorgonia.org/tensor"
)

// BenchmarkCheckpoint writes four million numbers: the weights and moments of a model of
// 1.3 million parameters. The checksum is what a checkpoint costs beside a plain file.
func BenchmarkCheckpoint(b *testing.B) {
	ts := []export.Tensor{{Name: "model.fc.weight", Value: tensor.New(tensor.WithShape(2000, 2000), tensor.Of(tensor.Float32))}}
	for i := range ts[0].Value.Float32s() {
		ts[0].Value.Float32s()[i] = float32(i)
	}
	meta := map[string]string{trainingKey: "{}"}
	path := filepath.Join(b.TempDir(), "x")
	for _, c := range []struct {
		name string
		f    func() error
	}{
		{"checksum", func() error { _, err := checksum(ts, meta); return err }},
		{"file", func() error { return export.WriteSafetensors(path, ts, meta) }},
		{"checkpoint", func() error { return writeCheckpoint(path, ts, meta) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(4 * 2000 * 2000)
			for b.Loop() {
				if err := c.f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
