package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A BinaryOp is an operation of [Broadcast].
type BinaryOp uint8

// The operations: a+b, a-b, a·b and a/b.
const (
	OpAdd BinaryOp = iota
	OpSub
	OpMul
	OpDiv
)

// Broadcast computes y = a op b by NumPy's rules. shape is the shape of y; as
// and bs are those of a and b, aligned with shape at the right: each of their
// axes is as long as that of shape, or 1. Both may be 1, so that adding a scalar
// 0 expands a tensor to any shape. y may be an operand that has its shape.
func Broadcast[T Float](op BinaryOp, y, a, b []T, shape, as, bs []int) {
	runPairs(pairOp(op), y, a, b, shape, as, bs)
}

// AddChannel computes y[o,c,i] = x[o,c,i] + bias[c]. y may be x.
func AddChannel[T Float](y, x, bias []T, outer, c, inner int) {
	if inner == 1 {
		pool.Run(outer, rowGrain(c), addRowJob[T]{y, x, bias, c})
		return
	}
	pool.Run(outer*c, rowGrain(inner), addChannelJob[T]{y, x, bias, c, inner})
}

type addRowJob[T Float] struct {
	y, x, bias []T
	c          int
}

func (j *addRowJob[T]) Do(lo, hi int) {
	vec.AddRows(j.y[lo*j.c:], j.x[lo*j.c:], j.bias, hi-lo, j.c)
}

type addChannelJob[T Float] struct {
	y, x, bias []T
	c, inner   int
}

func (j *addChannelJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		vec.AddScalar(j.y[k*j.inner:][:j.inner], j.x[k*j.inner:][:j.inner], j.bias[k%j.c])
	}
}

func binary[T Float](op BinaryOp, y, a, b []T) {
	y = y[:len(a)]
	switch op {
	case OpAdd:
		vec.Add(y, a, b)
	case OpSub:
		vec.Sub(y, a, b)
	case OpMul:
		vec.Mul(y, a, b)
	case OpDiv:
		vec.Div(y, a, b)
	}
}

func binaryScalar[T Float](op BinaryOp, y, a []T, b T) {
	switch op {
	case OpAdd:
		addScalar(y, a, b)
	case OpSub:
		addScalar(y, a, -b)
	case OpMul:
		mulScalar(y, a, b)
	case OpDiv:
		y = y[:len(a)]
		for i, v := range a {
			y[i] = v / b
		}
	}
}

func scalarBinary[T Float](op BinaryOp, y []T, a T, b []T) {
	y = y[:len(b)]
	switch op {
	case OpAdd:
		addScalar(y, b, a)
	case OpSub:
		for i, v := range b {
			y[i] = a - v
		}
	case OpMul:
		mulScalar(y, b, a)
	case OpDiv:
		for i, v := range b {
			y[i] = a / v
		}
	}
}

func addScalar[T Float](y, x []T, a T) { vec.AddScalar(y[:len(x)], x, a) }

func mulScalar[T Float](y, x []T, a T) { vec.MulScalar(y[:len(x)], x, a) }

func fill[T Float](y []T, v T) {
	for i := range y {
		y[i] = v
	}
}
