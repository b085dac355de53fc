package onnximport

import (
	"slices"

	"github.com/thinnet/thinnet/nodes"
)

// gemm is alpha·A·B + beta·C. With B transposed, as PyTorch has its weights, it is a Linear.
func (c *call) gemm() []*value {
	a, b := c.x(0), c.x(1)
	if len(a.shape) != 2 || len(b.shape) != 2 {
		fail("A has shape %v and B %v, want matrices", a.shape, b.shape)
	}
	alpha, beta := c.attrFloat("alpha", 1), c.attrFloat("beta", 1)
	if c.attrInt("transA", 0) != 0 {
		a = c.transpose(a, 1, 0)
	}
	transposed := c.attrInt("transB", 0) != 0
	if transposed && alpha == 1 && beta == 1 {
		if a.shape[1] != b.shape[1] {
			fail("A has shape %v and B %v, want (M, K) and (N, K)", a.shape, b.shape)
		}
		s := c.s.Given("weight", b.node())
		if c.has(2) && slices.Equal(c.x(2).shape, b.shape[:1]) {
			return node(nodes.Linear(s.Given("bias", c.x(2).node()), a.node(), b.shape[0]))
		}
		y := computed(floats, nodes.Linear(s, a.node(), b.shape[0], nodes.NoBias()))
		if c.has(2) {
			y = c.operation("Add", y, c.x(2))
		}
		return one(y)
	}
	if transposed {
		b = c.transpose(b, 1, 0)
	}
	y := c.product(a, b)
	if alpha != 1 {
		y = c.scaled(y, alpha, 0)
	}
	if c.has(2) && beta != 0 {
		term := c.x(2)
		if beta != 1 {
			term = c.scaled(term, beta, 0)
		}
		y = c.operation("Add", y, term)
	}
	return one(y)
}

func (c *call) matMul() []*value { return one(c.product(c.x(0), c.x(1))) }

// product is that of NumPy's matmul: leading axes are broadcast, and a vector is a row on
// the left and a column on the right.
func (r *run) product(a, b *value) *value {
	if len(a.shape) == 0 || len(b.shape) == 0 {
		fail("the factors have shapes %v and %v, want at least one axis", a.shape, b.shape)
	}
	drop := []int{} // from the end, of the product
	if len(b.shape) == 1 {
		b, drop = r.reshape(b, b.shape[0], 1), append(drop, 1)
	}
	if len(a.shape) == 1 {
		a, drop = r.reshape(a, 1, a.shape[0]), append(drop, 2)
	}
	la, lb := a.shape[:len(a.shape)-2], b.shape[:len(b.shape)-2]
	lead, ok := broadcast(la, lb)
	if !ok || a.shape[len(a.shape)-1] != b.shape[len(b.shape)-2] {
		fail("the factors have shapes %v and %v, want (..., m, k) and (..., k, n) with leading axes that are equal, or of size 1", a.shape, b.shape)
	}
	if !slices.Equal(la, lead) {
		a = r.expand(a, append(slices.Clone(lead), a.shape[len(a.shape)-2:]...))
	}
	if len(lb) > 0 && !slices.Equal(lb, lead) {
		b = r.expand(b, append(slices.Clone(lead), b.shape[len(b.shape)-2:]...))
	}
	y := computed(floats, nodes.MatMul(a.node(), b.node()))
	shape := slices.Clone([]int(y.shape))
	for _, from := range drop {
		at := len(y.shape) - from
		if len(drop) == 2 && from == 2 {
			at = len(shape) - 1
		}
		shape = slices.Delete(shape, at, at+1)
	}
	return r.reshape(y, shape...)
}
