package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

func TestNoiseShapeAgainstHand(t *testing.T) {
	step := stepThat("drop", 0.5, 1, 0, 0, 1)
	shape := graph.Shape{2, 2, 2}
	want := []float64{2, 0, 2, 0, 0, 2, 0, 2}
	for name, noise := range map[string]regularize.DropoutOption{
		"as Keras":    regularize.NoiseShape(2, 1, 2),
		"zeros":       regularize.NoiseShape(0, 1, 0),
		"minus ones":  regularize.NoiseShape(-1, 1, -1),
		"in a medley": regularize.NoiseShape(0, 1, -1),
	} {
		y, dx := try(t, dropout(0.5, noise), shape, constant(1, 8)).at(t, step, constant(1, 8))
		wantClose(t, name+": y", y, want, 0)
		wantClose(t, name+": dx", dx, want, 0)
	}
}

// For every noise shape over (3, 4, 5), cell i of the mask is draw i.
func TestNoiseShapeSharesExactly(t *testing.T) {
	shape := graph.Shape{3, 4, 5}
	x := make([]float64, 60)
	for i := range x {
		x[i] = float64(i) - 30
	}
	for shared := range 8 {
		noise, cells := make([]int, 3), 1
		for axis, d := range shape {
			if noise[axis] = d; shared>>axis&1 == 1 {
				noise[axis] = 1
			}
			cells *= noise[axis]
		}
		k := factors("drop", 1, 0.4, cells)
		var wantY, wantDX []float64
		for a := range 3 {
			for b := range 4 {
				for c := range 5 {
					cell := (a%noise[0]*noise[1]+b%noise[1])*noise[2] + c%noise[2]
					wantY = append(wantY, k[cell]*x[len(wantY)])
					wantDX = append(wantDX, k[cell])
				}
			}
		}
		y, dx := try(t, dropout(0.4, regularize.NoiseShape(noise...)), shape, x).at(t, 1, constant(1, 60))
		wantClose(t, "y", y, wantY, 0)
		wantClose(t, "dx", dx, wantDX, 0)
	}
}
