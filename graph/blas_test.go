package graph

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestGorgoniaMulUsesOurProduct: with gonum's, a zero hides an infinity.
func TestGorgoniaMulUsesOurProduct(t *testing.T) {
	inf := float32(math.Inf(1))
	g := gorgonia.NewGraph()
	node := func(name string, shape ...int) *gorgonia.Node {
		n := tensor.Shape(shape).TotalSize()
		x := make([]float32, n)
		if name == "b" {
			for i := range x {
				x[i] = inf
			}
		}
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
		return gorgonia.NewTensor(g, gorgonia.Float32, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	}
	a, b := node("a", 3, 4), node("b", 4, 5)
	c := gorgonia.Must(gorgonia.Mul(a, b))
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	for i, v := range c.Value().Data().([]float32) {
		if v == v {
			t.Fatalf("element %d of 0·Inf is %v, want NaN", i, v)
		}
	}
}

// TestProductsAreThoseOfBLAS compares with gonum's, for every argument that is
// handled here and for some that are passed on.
func TestProductsAreThoseOfBLAS(t *testing.T) {
	const m, n, k, wide = 5, 6, 7, 9
	fill := func(x []float32, from float32) []float32 {
		for i := range x {
			x[i] = from + float32(i%11)/8 // sums of products are exact
		}
		return x
	}
	equal := func(what string, got, want []float32) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
			}
		}
	}
	a, b, v := fill(make([]float32, wide*wide), -1), fill(make([]float32, wide*wide), -0.5), fill(make([]float32, wide), 1)
	for _, alpha := range []float32{1, 2} {
		for _, beta := range []float32{0, 1, 0.5} {
			for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
				for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
					got, want := fill(make([]float32, m*wide), 2), fill(make([]float32, m*wide), 2)
					products{}.Sgemm(tA, tB, m, n, k, alpha, a, wide, b, wide, beta, got, wide)
					gonum.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, wide, b, wide, beta, want, wide)
					equal("Sgemm", got, want)
				}
				got, want := fill(make([]float32, wide), 2), fill(make([]float32, wide), 2)
				products{}.Sgemv(tA, m, n, alpha, a, wide, v, 1, beta, got, 1)
				gonum.Implementation{}.Sgemv(tA, m, n, alpha, a, wide, v, 1, beta, want, 1)
				equal("Sgemv", got[:5], want[:5]) // gonum's changes what lies beyond
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a matrix that is too short made no panic, gonum's makes one")
		}
	}()
	products{}.Sgemm(blas.NoTrans, blas.NoTrans, m, n, k, 1, a[:3], k, b, n, 0, make([]float32, m*n), n)
}
