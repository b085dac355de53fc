package gemm_test

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/gemm"
)

// BenchmarkLinear is x·wᵀ with the weight as it is, packed in the same step, and
// packed before.
func BenchmarkLinear(b *testing.B) {
	for _, s := range [][3]int{{1, 128, 784}, {1, 1024, 1024}, {64, 10, 128}, {64, 128, 784}, {128, 1024, 1024}, {1024, 1024, 1024}} {
		m, n, k := s[0], s[1], s[2]
		p := gemm.Product{M: m, N: n, K: k, A: make([]float32, m*k), AStride: k,
			B: make([]float32, n*k), BStride: k, TransB: true, C: make([]float32, m*n), CStride: n}
		packed := p
		packed.Packed = true
		packed.B = make([]float32, gemm.PackedSize(n, k))
		pack := func() { gemm.Pack(packed.B, p.B, n, k, k, true) }
		pack()
		for _, way := range []struct {
			name string
			run  func()
		}{
			{"plain", p.Run},
			{"packed now", func() { pack(); packed.Run() }},
			{"packed before", packed.Run},
		} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, way.name), func(b *testing.B) {
				for b.Loop() {
					way.run()
				}
				b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
