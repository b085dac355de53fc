package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/gemm"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// PackedSize returns the number of elements that [Pack] writes at most.
func PackedSize(n, k int) int { return gemm.PackedSize(n, k) }

// Pack brings a right operand of a matrix product, (k, n) or with trans (n, k),
// into the order in which [MatMulPacked] is fastest: once for a weight that many
// products use. The order differs from machine to machine.
func Pack[T Float](dst, b []T, n, k int, trans bool) {
	if vec.IsFloat32[T]() {
		stride := n
		if trans {
			stride = k
		}
		gemm.Pack(vec.Float32s(dst), vec.Float32s(b), n, k, stride, trans)
		return
	}
	copy(dst, b[:n*k])
}

// MatMulPacked computes c = op(a·b + bias) for the matrix b that [Pack] packed with
// the same trans; op is max(·, 0) with relu, else nothing. Shapes: a is (m, k), c is
// (m, n), bias is (n) or nil.
func MatMulPacked[T Float](c, a, packed, bias []T, m, n, k int, trans, relu bool) {
	if vec.IsFloat32[T]() {
		p := product32(c, a, packed, m, n, k, false, trans)
		p.Packed, p.ReLU = true, relu
		p.Bias = vec.Float32s(bias)
		p.Run()
		return
	}
	MatMul(c, a, packed, m, n, k, false, trans, false)
	addBias(c, bias, m, n, relu)
}

// Linear computes y = act(x·wᵀ + bias); act is max(·, 0) with relu, else nothing.
// Shapes: x is (rows, in), w is (out, in), y is (rows, out), bias is (out) or nil.
func Linear[T Float](y, x, w, bias []T, rows, out, in int, relu bool) {
	if vec.IsFloat32[T]() {
		p := product32(y, x, w, rows, out, in, false, true)
		p.ReLU = relu
		p.Bias = vec.Float32s(bias)
		p.Run()
		return
	}
	MatMul(y, x, w, rows, out, in, false, true, false)
	addBias(y, bias, rows, out, relu)
}

// addBias computes y = act(y + bias) in place.
func addBias[T Float](y, bias []T, rows, out int, relu bool) {
	if bias != nil {
		AddChannel(y, y, bias, rows, out, 1)
	}
	if relu {
		ReLU(y, y)
	}
}

// product32 returns a product in float32.
func product32[T Float](c, a, b []T, m, n, k int, transA, transB bool) gemm.Product {
	p := gemm.Product{
		M: m, N: n, K: k, C: vec.Float32s(c), A: vec.Float32s(a), B: vec.Float32s(b),
		CStride: n, AStride: k, BStride: n, TransA: transA, TransB: transB,
	}
	if transA {
		p.AStride = m
	}
	if transB {
		p.BStride = k
	}
	return p
}
