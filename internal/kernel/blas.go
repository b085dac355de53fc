package kernel

import "gonum.org/v1/gonum/blas/gonum"

// vectors are the inner loops of the matrix product and the convolutions, for
// one element type. MatMul and the convolutions look them up once per call.
type vectors[T Float] struct {
	// ger adds the outer product of x (m) and y (n) to the rows of c, ldc apart.
	// Each element gets one product and one addition, so the result doesn't
	// depend on how a matrix is cut into tiles.
	ger func(m, n int, x, y, c []T, ldc int)

	// dot returns Σ x[i]·y[i]; len(y) ≥ len(x). How it groups the sum depends on
	// the alignment of y: pass scratch memory there (see scratch).
	dot func(x, y []T) T

	// add adds x to y; len(y) ≥ len(x).
	add func(x, y []T)
}

// Gonum's own Sgemm is not used: it runs at half the speed of the loops here, and
// it skips a zero of its left operand, so that 0·NaN gives 0.
func vectorsOf[T Float]() vectors[T] {
	var v any
	switch any(T(0)).(type) {
	case float32:
		v = vectors[float32]{ger: ger32, dot: dot32, add: add32}
	case float64:
		v = vectors[float64]{ger: ger64, dot: dot64, add: add64}
	default:
		return vectors[T]{ger: gerGeneric[T], dot: dotGeneric[T], add: addGeneric[T]}
	}
	return v.(vectors[T])
}

func ger32(m, n int, x, y, c []float32, ldc int) {
	gonum.Implementation{}.Sger(m, n, 1, x, 1, y, 1, c, ldc)
}

func ger64(m, n int, x, y, c []float64, ldc int) {
	gonum.Implementation{}.Dger(m, n, 1, x, 1, y, 1, c, ldc)
}

func dot32(x, y []float32) float32 { return gonum.Implementation{}.Sdot(len(x), x, 1, y, 1) }
func dot64(x, y []float64) float64 { return gonum.Implementation{}.Ddot(len(x), x, 1, y, 1) }

func add32(x, y []float32) { gonum.Implementation{}.Saxpy(len(x), 1, x, 1, y, 1) }
func add64(x, y []float64) { gonum.Implementation{}.Daxpy(len(x), 1, x, 1, y, 1) }

// The generic loops serve defined types such as type Celsius float32, whose
// slices gonum can't take.

func gerGeneric[T Float](m, n int, x, y, c []T, ldc int) {
	y = y[:n]
	for i, xi := range x[:m] {
		row := c[i*ldc:][:n]
		for j, yj := range y {
			row[j] += xi * yj
		}
	}
}

func dotGeneric[T Float](x, y []T) T {
	var sum T
	y = y[:len(x)]
	for i, xi := range x {
		sum += xi * y[i]
	}
	return sum
}

func addGeneric[T Float](x, y []T) {
	y = y[:len(x)]
	for i, xi := range x {
		y[i] += xi
	}
}
