//go:build amd64 && !noasm

package tile

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// Mul computes a tile.
func Mul(a *Args) {
	switch cpu.Get() {
	case cpu.AVX512:
		mul512((*byte)(unsafe.Pointer(a)))
	case cpu.AVX2:
		mul256((*byte)(unsafe.Pointer(a)))
	default:
		mulGo(a)
	}
}

func transpose(dst unsafe.Pointer, dstStep int, src unsafe.Pointer, srcStep, rows, depth int) {
	switch cpu.Get() {
	case cpu.AVX512:
		transpose512((*byte)(dst), dstStep, (*byte)(src), srcStep, rows, depth)
	case cpu.AVX2:
		transpose256((*byte)(dst), dstStep, (*byte)(src), srcStep, rows, depth)
	default:
		transposeGo(dst, dstStep, src, srcStep, rows, depth)
	}
}

func copyGroups(dst unsafe.Pointer, dstStep, dstGroup int, src unsafe.Pointer, srcStep, cols, groups, depth int) {
	switch cpu.Get() {
	case cpu.AVX512:
		copy512((*byte)(dst), dstStep, dstGroup, (*byte)(src), srcStep, 4*cols, cols, groups, depth)
	case cpu.AVX2:
		copy256((*byte)(dst), dstStep, dstGroup, (*byte)(src), srcStep, 4*cols, cols, groups, depth)
	default:
		copyGo(dst, dstStep, dstGroup, src, srcStep, cols, groups, depth)
	}
}
