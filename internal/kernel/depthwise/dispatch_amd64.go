//go:build amd64 && !noasm

package depthwise

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// Sums computes y[i,c] = bias[c] + Σ_t w[t,c]·x[i,t,c], then max(y, 0) if asked
// for; NaN stays NaN.
func Sums(a *Args) {
	switch cpu.Get() {
	case cpu.AVX512:
		sums512((*byte)(unsafe.Pointer(a)))
	case cpu.AVX2:
		sums256((*byte)(unsafe.Pointer(a)))
	default:
		sumsGo(a)
	}
}

// Gradients adds to w[t,c] the sum Σ_i x[i,t,c]·y[i,c].
func Gradients(a *Args) {
	switch cpu.Get() {
	case cpu.AVX512:
		gradients512((*byte)(unsafe.Pointer(a)))
	case cpu.AVX2:
		gradients256((*byte)(unsafe.Pointer(a)))
	default:
		gradientsGo(a)
	}
}
