package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

// checkUnfold compares both directions with the definition. Small integers add up
// exactly, in any order; the element behind each result must stay.
func checkUnfold[T Float](t *testing.T, g Conv) {
	t.Helper()
	g.OC, g.Groups = 1, 1
	taps, positions := boxSize(g.Kernel), boxSize(g.Out)
	x, dy := make([]T, g.N*g.C*boxSize(g.In)), make([]T, g.N*g.C*taps*positions)
	for i := range x {
		x[i] = T(i%23 - 11)
	}
	for i := range dy {
		dy[i] = T(i%19 - 9)
	}
	y, dx := slices.Repeat([]T{99}, len(dy)+1), slices.Repeat([]T{99}, len(x)+1)
	wantY, wantX := make([]T, len(dy)), make([]T, len(x))
	naiveConv(&g, func(p, from, w int) {
		at := (p/positions*g.C*taps+w)*positions + p%positions
		wantY[at] = x[from]
		wantX[from] += dy[at]
	})
	Unfold(&g, y[:len(dy)], x)
	Fold(&g, dx[:len(x)], dy)
	if want := append(wantY, 99); !slices.Equal(y, want) {
		t.Errorf("%+v: unfolded is %v, want %v", g, y, want)
	}
	if want := append(wantX, 99); !slices.Equal(dx, want) {
		t.Errorf("%+v: folded is %v, want %v", g, dx, want)
	}
}

func TestUnfold(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range convCases {
			t.Run(c.name, func(t *testing.T) {
				checkUnfold[float32](t, c.g)
				checkUnfold[float64](t, c.g)
			})
		}
	})
	kerneltest.EachThreads(t, func(t *testing.T) {
		checkUnfold[float32](t, square(5, 7, 1, 1, 40, 3, 1, 1)) // several chunks, which part samples
	})
}

func FuzzUnfold(f *testing.F) {
	r := rand.New(philox.NewSource(philox.KeyOf(1, "fuzz unfold"), 0))
	for range 50 {
		data := make([]byte, 22)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkUnfold[float32](t, *geometry(data)) })
}
