package nodes

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// What is only moved, or computed in one order, is the CPU's to the bit.
func TestShapesOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	of := func(shape ...int) *tensor.Dense { return randomOf(r, 0, 1, shape...) }
	for _, n := range []int{1, 2, 3, 5, 1023, 1024, 4097} {
		x := of(n)
		x.Float32s()[n/2] = float32(math.NaN())
		x.Float32s()[n-1] = float32(math.Inf(-1))
		onBoth(t, relu{}, 0, x)
		onBoth(t, reluGrad{}, 0, x, of(n))
		onBoth(t, leakyReLU{0.1}, 0, x)
		onBoth(t, leakyReLUGrad{0.1}, 0, x, of(n))
		onBoth(t, add{}, 0, x, of(n))
		onBoth(t, mul{}, 0, x, of(n))
		onBoth(t, add{}, 0, x, of(1))
		onBoth(t, spread{3, graph.Shape{n}}, 0, of())
	}
	for _, axes := range [][]int{{0, 1, 2, 3}, {0, 2, 3, 1}, {3, 1, 2, 0}, {0, 2, 1, 3}, {2, 3, 0, 1}, {1, 0, 3, 2}} {
		onBoth(t, transpose{axes}, 0, of(2, 3, 33, 5))
		onBoth(t, transpose{axes}, 0, of(1, 70, 1, 31))
	}
	onBoth(t, transpose{[]int{5, 3, 1, 4, 2, 0}}, 0, of(2, 3, 2, 3, 2, 3))
	onBoth(t, transpose{[]int{1, 0}}, 0, of(410, 1057))
	for _, shapes := range [][2][]int{
		{{2, 3, 4}, {4}}, {{2, 3, 4}, {3, 1}}, {{1, 3, 1}, {2, 1, 4}}, {{}, {2, 3}},
		{{2, 1, 2, 1, 2, 1, 3}, {1, 3, 1, 3, 1, 3, 1}},
	} {
		onBoth(t, add{}, 0, of(shapes[0]...), of(shapes[1]...))
		onBoth(t, mul{}, 0, of(shapes[1]...), of(shapes[0]...))
	}
	onBoth(t, add{}, 0, of(17_000_000), of(1)) // more than 65535 blocks
	onBoth(t, concat{1}, 0, of(2, 3, 5), of(2, 1, 5), of(2, 4, 5))
	onBoth(t, slice{1, 2, 3}, 0, of(3, 7, 2))
	onBoth(t, zeroPad{-1, 2, 1}, 0, of(3, 4))
	onBoth(t, timeMajor{}, 0, of(3, 5, 7))
	lengths := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{5, 1, 3}))
	onBoth(t, timeMajor{}, 0, of(3, 5, 7), lengths)
	onBoth(t, timeMajor{back: true}, 0, of(5, 3, 7), lengths)
	onBoth(t, sinusoidalPositions{}, 1e-7, of(2, 301, 7))
}

// Sums in single precision are held to what rounding makes of so many terms.
func TestSumsOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 31, 33, 2047, 4096, 100_003} {
		onBoth(t, reduce{n}, 1e-6, randomOf(r, 0, 1, n))
	}
	for _, row := range [][2]graph.Shape{
		{{500, 3}, {3}}, {{500, 3}, {500, 1}}, {{3, 70_000}, {3, 1}}, {{70_000, 3}, {3}}, {{70_000, 2}, {70_000, 1}},
		{{4, 5, 6}, {5, 1}}, {{4, 5, 6}, {4, 1, 6}}, {{3, 2, 3, 2, 3}, {1, 2, 1, 2, 1}}, {{2, 3, 2, 3}, {3, 1, 3}}, {{2, 3}, {}},
	} {
		onBoth(t, sumTo{row[1]}, 1e-6, randomOf(r, 0, 1, row[0]...))
	}
}

func TestEmbeddingOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	const words, dim = 40, 13
	for _, n := range []int{1, 255, 700} {
		index := tensor.New(tensor.WithShape(n), tensor.Of(tensor.Int))
		whole := tensor.New(tensor.WithShape(n), tensor.Of(tensor.Float32))
		for i := range n {
			index.Ints()[i] = r.IntN(words) * r.IntN(2)
			whole.Float32s()[i] = float32(index.Ints()[i])
		}
		for _, x := range []*tensor.Dense{index, whole} {
			onBoth(t, embedding{}, 0, randomOf(r, 0, 1, words, dim), x)
			onBoth(t, embeddingGrad{3, words, dim}, 0, randomOf(r, 0, 1, n, dim), x)
		}
	}
	table := randomOf(r, 0, 1, words, dim)
	for _, v := range []float32{40, -1, 1.5, float32(math.NaN())} {
		x := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{0, 1, v, -7}))
		_, err := onDevice(t, embedding{}, table, x)
		y := tensor.New(tensor.WithShape(2, 2, dim), tensor.Of(tensor.Float32))
		if want := (embedding{}).Forward(y, table, x); err == nil || !strings.Contains(err.Error(), want.Error()) {
			t.Errorf("word %v gives %v, want %v", v, err, want)
		}
	}
}
