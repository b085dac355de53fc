package nodes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// The layouts of batch, layer, group and instance norm; of one element, of primes, of
// multiples of four; of many small groups, and of few that are split.
func TestNormsOnCUDA(t *testing.T) {
	batch := func(n, c, s int) kernel.Layout { return kernel.Layout{Outer: n, Groups: c, Inner: s} }
	cases := map[string]normalize{}
	for _, s := range [][3]int{{2, 1, 1}, {3, 5, 7}, {4, 3, 16}, {5, 70, 1}, {700, 3, 1}, {3, 2, 12000}, {9000, 2, 1}, {17, 33, 4}, {2, 3000, 9}, {2, 1, 9001}} {
		of := batch(s[0], s[1], s[2])
		cases[fmt.Sprint("batch", s)] = normalize{of: of, affine: of, eps: 1e-5}
		cases[fmt.Sprint("frozen", s)] = normalize{of: of, affine: of, eps: 1e-3, constant: true}
		cases[fmt.Sprint("behind", s)] = normalize{of: of, affine: of, eps: 1e-3, relu: true}
	}
	for _, s := range [][2]int{{1, 1}, {1, 9}, {6, 1}, {37, 5}, {1300, 8}, {3, 4100}, {5, 33}} {
		cases[fmt.Sprint("layer", s)] = normalize{of: batch(1, s[0], s[1]), affine: batch(s[0], s[1], 1), eps: 0.01}
	}
	for _, s := range [][4]int{{1, 4, 5, 2}, {3, 6, 7, 3}, {2, 8, 16, 4}, {5, 3, 9, 3}, {2, 4, 6000, 1}} { // N, C, S, groups
		cases[fmt.Sprint("group", s)] = normalize{of: batch(1, s[0]*s[3], s[1]/s[3]*s[2]), affine: batch(s[0], s[1], s[2]), eps: 1e-5}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for name, op := range cases {
		t.Run(name, func(t *testing.T) {
			l := op.of
			size := l.Outer * l.Groups * l.Inner
			x, dy := randomOf(r, 30, 2, size), randomOf(r, 0.5, 1, size)
			stats := onBoth(t, moments{l}, 1e-5, x)
			for _, affine := range [][]*tensor.Dense{{randomOf(r, 1, 1, op.affine.Groups), randomOf(r, 0, 1, op.affine.Groups)}, nil} {
				near := 1e-5
				if op.constant {
					near = 3e-7 // all is elementwise; levels of the CPU differ by a rounding
				}
				y := onBoth(t, op, near, append([]*tensor.Dense{x, stats}, affine...)...)
				in := []*tensor.Dense{x, stats, dy}
				if op.relu {
					in = []*tensor.Dense{x, stats, y, dy}
				}
				in = append(in, affine...)
				g := normalizing{of: op}
				tol := 1e-5 * max(1, math.Sqrt(float64(size/op.affine.Groups))/4)
				sums := onBoth(t, normalizeSums{g}, tol, in...)
				if op.shared() {
					in = append(in, sums)
				}
				if op.constant {
					tol = near
				}
				onBoth(t, normalizeGrad{g}, tol, in...)
			}
		})
	}
}

// A large mean, and a first element far off, cost the variance no more than on the CPU.
func TestMomentsOfExtremesOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, l := range []kernel.Layout{{Outer: 5, Groups: 3, Inner: 3000}, {Outer: 5000, Groups: 3, Inner: 1}, {Outer: 1, Groups: 40, Inner: 100}} {
		size := l.Outer * l.Groups * l.Inner
		for name, x := range map[string]*tensor.Dense{"mean": randomOf(r, 1e5, 1, size), "outlier": randomOf(r, 0, 1, size)} {
			if name == "outlier" {
				x.Float32s()[0] = 1e4
			}
			got, err := onDevice(t, moments{l}, x)
			if err != nil {
				t.Fatal(err)
			}
			for g := range l.Groups {
				var n, mean, squares float64
				for pass := range 2 {
					for e, v := range x.Float32s() {
						if e/l.Inner%l.Groups != g {
							continue
						}
						if pass == 0 {
							n++
							mean += float64(v)
						} else {
							squares += (float64(v) - mean) * (float64(v) - mean)
						}
					}
					if pass == 0 {
						mean /= n
					}
				}
				if v := float64(got.Float32s()[g]); math.Abs(v-mean) > 1e-7*math.Abs(mean)+1e-5*math.Sqrt(squares/n) {
					t.Errorf("%s, %v: the mean of group %d is %v, want %v", name, l, g, v, mean)
				}
				if v := float64(got.Float32s()[l.Groups+g]) * n; math.Abs(v-squares) > 2e-6*squares {
					t.Errorf("%s, %v: the variance of group %d is %v, want %v", name, l, g, v/n, squares/n)
				}
			}
		}
	}
}

// Virtual batches, of which the last is smaller.
func TestGhostBatchOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][4]int{{7, 3, 4, 3}, {6, 2, 5, 2}, {9, 40, 1, 4}} { // N, C, S, virtual batch
		of := kernel.Layout{Outer: s[0], Groups: s[1], Inner: s[2]}
		op := ghostNormalize{normalize{of: of, affine: of, eps: 1e-5}, ghosts{s[0], s[3]}}
		x, dy := randomOf(r, 30, 2, s[0], s[1], s[2]), randomOf(r, 0.5, 1, s[0], s[1], s[2])
		stats := onBoth(t, ghostMoments{moments{of}, op.parts}, 1e-5, x)
		for _, affine := range [][]*tensor.Dense{{randomOf(r, 1, 1, s[1]), randomOf(r, 0, 1, s[1])}, nil} {
			onBoth(t, op, 1e-5, append([]*tensor.Dense{x, stats}, affine...)...)
			in := append([]*tensor.Dense{x, stats, dy}, affine...)
			sums := onBoth(t, ghostSums(op), 1e-5, in...)
			onBoth(t, ghostGrad(op), 1e-5, append(in, sums)...)
			onBoth(t, ghostTotal{1, op.parts, graph.Shape{s[1]}}, 0, sums)
		}
	}
}
