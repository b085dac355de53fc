package train_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A plain Gorgonia program fits x·w·s to y by our SGD on a TapeMachine. The
// expected parameters come from the gradient worked out by hand:
//
//	r = s·x·w - y,  dw = 2/n · s·xᵀr,  ds = 2/n · (x·w)ᵀr
//
// With bound dual values the machine adds to the gradients of the last run, so
// this fails where Step does not clear them; without, the gradients are the
// values of nodes.
func TestSGDInAPlainGorgoniaProgram(t *testing.T) {
	x := [][]float64{{1, 2}, {0.5, -1}, {-1.5, 0.25}}
	y := []float64{1, 2, -0.5}
	const lr, m, n = 0.05, 0.5, 20
	for _, bound := range []bool{true, false} {
		g := gorgonia.NewGraph()
		xs := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(3, 2),
			gorgonia.WithValue(tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{1, 2, 0.5, -1, -1.5, 0.25}))))
		ys := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("y"), gorgonia.WithShape(3),
			gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{1, 2, -0.5}))))
		w := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("w"), gorgonia.WithShape(2),
			gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{0.5, -0.5}))))
		s := gorgonia.NewScalar(g, tensor.Float64, gorgonia.WithName("s"), gorgonia.WithValue(1.5))
		r := gorgonia.Must(gorgonia.Sub(gorgonia.Must(gorgonia.Mul(s, gorgonia.Must(gorgonia.Mul(xs, w)))), ys))
		loss := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(r))))
		if _, err := gorgonia.Grad(loss, w, s); err != nil {
			t.Fatal(err)
		}
		var opts []gorgonia.VMOpt
		if bound {
			opts = append(opts, gorgonia.BindDualValues(w, s))
		}
		vm := gorgonia.NewTapeMachine(g, opts...)
		defer vm.Close()

		wantW, wantS := []float64{0.5, -0.5}, 1.5
		bufW, bufS := []float64{0, 0}, 0.0
		solver := train.SGD(lr, train.Momentum(m))
		for step := range n {
			if err := vm.RunAll(); err != nil {
				t.Fatal(err)
			}
			if err := solver.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w, s})); err != nil {
				t.Fatal(err)
			}
			vm.Reset()

			dw, ds := []float64{0, 0}, 0.0
			for i := range x {
				xw := x[i][0]*wantW[0] + x[i][1]*wantW[1]
				r := wantS*xw - y[i]
				dw[0] += 2.0 / 3 * wantS * x[i][0] * r
				dw[1] += 2.0 / 3 * wantS * x[i][1] * r
				ds += 2.0 / 3 * xw * r
			}
			for i := range dw {
				bufW[i] = m*bufW[i] + dw[i]
				wantW[i] -= lr * bufW[i]
			}
			bufS = m*bufS + ds
			wantS -= lr * bufS

			got := append([]float64{s.Value().Data().(float64)}, w.Value().Data().([]float64)...)
			for i, want := range append([]float64{wantS}, wantW...) {
				// The sums of the two run in different orders, over n steps.
				if math.Abs(got[i]-want) > 1e-13 {
					t.Fatalf("bound dual values %v: step %d: got s, w = %v, want %v, %v within 1e-13", bound, step, got, wantS, wantW)
				}
			}
		}
	}
}
