//go:build !amd64 || noasm

package tile

import "unsafe"

// Mul computes a tile.
func Mul(a *Args) { mulGo(a) }

func transpose(dst unsafe.Pointer, dstStep int, src unsafe.Pointer, srcStep, rows, depth int) {
	transposeGo(dst, dstStep, src, srcStep, rows, depth)
}

func copyGroups(dst unsafe.Pointer, dstStep, dstGroup int, src unsafe.Pointer, srcStep, cols, groups, depth int) {
	copyGo(dst, dstStep, dstGroup, src, srcStep, cols, groups, depth)
}
