package recurrent

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/gemm"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A product is C = bias + op(A)·op(B), or with add that plus C, as package gemm has
// it: C is (m, n), and the strides are from one row in memory to the next.
type product[T Float] struct {
	m, n, k                   int
	c, a, b                   []T
	cStride, aStride, bStride int
	transA, transB, packed    bool
	left                      bool // a is as packLeft leaves it
	bias                      []T
	add                       bool
}

func (p product[T]) run() {
	if vec.IsFloat32[T]() {
		q := gemm.Product{
			M: p.m, N: p.n, K: p.k,
			C: vec.Float32s(p.c), A: vec.Float32s(p.a), B: vec.Float32s(p.b),
			CStride: p.cStride, AStride: p.aStride, BStride: p.bStride,
			TransA: p.transA, TransB: p.transB, Packed: p.packed, Left: p.left,
			Bias: vec.Float32s(p.bias), Accumulate: p.add,
		}
		if p.bias == nil {
			q.Bias = nil
		}
		q.Run()
		return
	}
	if p.packed { // as pack leaves it
		p.bStride, p.transB = p.n, false
	}
	if p.left {
		p.aStride, p.transA = p.k, false
	}
	pool.Run(p.m, max(1, (1<<18)/max(1, p.n*p.k)), productJob[T]{p})
}

type productJob[T Float] struct{ product[T] }

// Do computes the rows [lo, hi) in plain Go, for float64.
func (p *productJob[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		c := p.c[i*p.cStride:][:p.n]
		if !p.add {
			clear(c)
		}
		if p.bias != nil {
			vec.Add(c, c, p.bias)
		}
		for k := range p.k {
			at := i*p.aStride + k
			if p.transA {
				at = k*p.aStride + i
			}
			a := p.a[at]
			if p.transB {
				for j := range c {
					c[j] += a * p.b[j*p.bStride+k]
				}
				continue
			}
			for j, b := range p.b[k*p.bStride:][:p.n] {
				c[j] += a * b
			}
		}
	}
}

// packedSize returns the number of elements that pack writes.
func packedSize[T Float](n, k int) int {
	if vec.IsFloat32[T]() {
		return gemm.PackedSize(n, k)
	}
	return n * k
}

// pack prepares a right operand: b is (k, n), with trans (n, k).
func pack[T Float](dst, b []T, n, k, stride int, trans bool) {
	if vec.IsFloat32[T]() {
		gemm.Pack(vec.Float32s(dst), vec.Float32s(b), n, k, stride, trans)
		return
	}
	for i := range k {
		for j := range n {
			if trans {
				dst[i*n+j] = b[j*stride+i]
			} else {
				dst[i*n+j] = b[i*stride+j]
			}
		}
	}
}

// leftSize returns the number of elements that packLeft needs.
func leftSize[T Float](m, k int) int {
	if vec.IsFloat32[T]() {
		return gemm.LeftSize(m, k)
	}
	return m * k
}

// packLeft prepares the columns [from, to) of a left operand (m, k), which becomes one
// of rows of k numbers for float64.
func packLeft[T Float](dst, a []T, m, k, stride, from, to int) {
	if vec.IsFloat32[T]() {
		gemm.PackLeft(vec.Float32s(dst), vec.Float32s(a), m, k, stride, from, to)
		return
	}
	for i := range m {
		copy(dst[i*k+from:i*k+to], a[i*stride+from:])
	}
}

// memory is numbers kept from call to call for a purpose P. Any piece may come back at
// any call, so each grows to what the largest call for that purpose asked for.
type memory[T Float, P purpose] struct{ numbers []T }

type purpose interface {
	forGates | forWeights | forSteps | forSums
}

type (
	forGates   struct{} // of all steps
	forWeights struct{} // packed, or on their way there
	forSteps   struct{}
	forSums    struct{} // of a bias
)

// borrow returns n numbers of any contents that start on a cache line.
func borrow[T Float, P purpose](n int) *memory[T, P] {
	m := pool.SpareOf[memory[T, P]]().Borrow()
	if len(m.numbers) < n {
		const line = 64
		var t T
		size := int(unsafe.Sizeof(t))
		all := make([]T, n+line/size)
		skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(all)))%line) / size
		m.numbers = all[skip:][:n:n]
	}
	return m
}

func (m *memory[T, P]) giveBack() { pool.SpareOf[memory[T, P]]().GiveBack(m) }
