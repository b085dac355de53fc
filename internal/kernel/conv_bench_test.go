package kernel

import "testing"

func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name string
		g    Conv
	}{
		{"28x28_16to32_3x3", square(64, 16, 32, 1, 28, 3, 1, 1)},
		{"28x28_1to32_3x3", square(64, 1, 32, 1, 28, 3, 1, 1)},
		{"14x14_64to64_3x3", square(64, 64, 64, 1, 14, 3, 1, 1)},
		{"7x7_128to128_3x3", square(64, 128, 128, 1, 7, 3, 1, 1)},
		{"32x32_64to64_3x3", square(16, 64, 64, 1, 32, 3, 1, 1)},
		{"32x32_64to128_3x3_stride2", square(16, 64, 128, 1, 32, 3, 2, 1)},
		{"28x28_64to64_1x1", square(16, 64, 64, 1, 28, 1, 1, 0)},
		{"28x28_64_depthwise", square(16, 64, 64, 64, 28, 3, 1, 1)},
		{"7x7_512to512_3x3_batch1", square(1, 512, 512, 1, 7, 3, 1, 1)},
	} {
		g := &c.g
		x, w, y := convBuffers[float32](g)
		work := 2 * float64(len(y)) * float64(len(w)/g.OC)
		run := func(name string, factor float64, f func()) {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(factor*work*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		run("forward", 1, func() { ConvForward(g, y, x, w) })
		run("data", 1, func() { ConvBackwardData(g, x, y, w) })
		run("weights", 1, func() { ConvBackwardWeights(g, w, x, y) })
	}
}
