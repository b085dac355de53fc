package kernel

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
	eachPair(shape, as, bs, func(r pairRow) {
		y := y[r.y:][:r.n]
		switch {
		case r.aStep == 0 && r.bStep == 0:
			a, b := [1]T{a[r.a]}, [1]T{b[r.b]}
			binary(op, y[:1], a[:], b[:])
			fill(y, y[0])
		case r.bStep == 0:
			binaryScalar(op, y, a[r.a:][:r.n], b[r.b])
		case r.aStep == 0:
			scalarBinary(op, y, a[r.a], b[r.b:][:r.n])
		default:
			binary(op, y, a[r.a:][:r.n], b[r.b:][:r.n])
		}
	})
}

// AddChannel computes y[o,c,i] = x[o,c,i] + bias[c]. y may be x.
func AddChannel[T Float](y, x, bias []T, outer, c, inner int) {
	if inner == 1 {
		Parallel(outer, rowGrain(c), func(lo, hi int) {
			for o := lo; o < hi; o++ {
				binary(OpAdd, y[o*c:][:c], x[o*c:][:c], bias[:c])
			}
		})
		return
	}
	Parallel(outer*c, rowGrain(inner), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			binaryScalar(OpAdd, y[k*inner:][:inner], x[k*inner:][:inner], bias[k%c])
		}
	})
}

func binary[T Float](op BinaryOp, y, a, b []T) {
	y, b = y[:len(a)], b[:len(a)]
	switch op {
	case OpAdd:
		for i, v := range a {
			y[i] = v + b[i]
		}
	case OpSub:
		for i, v := range a {
			y[i] = v - b[i]
		}
	case OpMul:
		for i, v := range a {
			y[i] = v * b[i]
		}
	case OpDiv:
		for i, v := range a {
			y[i] = v / b[i]
		}
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

func addScalar[T Float](y, x []T, a T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] = v + a
	}
}

func mulScalar[T Float](y, x []T, a T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] = v * a
	}
}

func fill[T Float](y []T, v T) {
	for i := range y {
		y[i] = v
	}
}
