package train_test

import (
	"testing"

	"github.com/thinnet/thinnet/train"
)

func BenchmarkOptimizer(b *testing.B) {
	const n = 1 << 20
	for _, c := range []struct {
		name string
		make func() *train.Optimizer
	}{
		{"SGD", func() *train.Optimizer { return train.SGD(1e-3) }},
		{"SGD_momentum", func() *train.Optimizer { return train.SGD(1e-3, train.Momentum(0.9)) }},
		{"Adam", func() *train.Optimizer { return train.Adam(1e-3) }},
		{"AdamW_clipped", func() *train.Optimizer { return train.AdamW(1e-3, train.ClipNorm(1)) }},
		{"RMSProp", func() *train.Optimizer { return train.RMSProp(1e-3) }},
		{"Adagrad", func() *train.Optimizer { return train.Adagrad(1e-3) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			ps, grads := problem(n)
			grads(0)
			o := c.make()
			b.SetBytes(4 * n)
			for b.Loop() {
				if err := o.Step(ps); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
