package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// Sums are taken in the order of the indices, whatever the threads and the level.
func TestEmbed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{1, 1, 1}, {5, 3, 40}, {100, 33, 257}, {1000, 64, 50}} {
		words, dim, n := size[0], size[1], size[2]
		table, dy, index := make([]float32, words*dim), make([]float32, n*dim), make([]int, n)
		for i := range table {
			table[i] = float32(r.NormFloat64())
		}
		for i := range dy {
			dy[i] = float32(r.NormFloat64())
		}
		want := make([]float32, words*dim)
		skip := words / 2
		for i := range index {
			index[i] = r.IntN(words)
			for j := range dim {
				if index[i] != skip {
					want[index[i]*dim+j] += dy[i*dim+j]
				}
			}
		}
		kerneltest.EachLevel(t, func(t *testing.T) {
			kerneltest.EachThreads(t, func(t *testing.T) {
				y, d := make([]float32, n*dim), make([]float32, words*dim)
				Embed(y, table, index, dim)
				for i, v := range y {
					if v != table[index[i/dim]*dim+i%dim] {
						t.Fatalf("%v: element %d is %v, want that of word %d", size, i, v, index[i/dim])
					}
				}
				EmbedGrad(d, dy, index, dim, skip)
				for i, v := range d {
					if v != want[i] {
						t.Fatalf("%v: gradient %d is %v, want %v", size, i, v, want[i])
					}
				}
			})
		})
	}
}

// Words come as often as those of a text: most of them are few.
func BenchmarkEmbedGrad(b *testing.B) {
	for _, size := range [][3]int{{33000, 650, 1400}, {20000, 200, 25600}, {1000, 64, 5000}} {
		words, dim, n := size[0], size[1], size[2]
		zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 2, uint64(words-1))
		d, dy, index := make([]float32, words*dim), make([]float32, n*dim), make([]int, n)
		for i := range index {
			index[i] = int(zipf.Uint64())
		}
		b.Run(fmt.Sprintf("%d words of %d, %d in use", words, dim, n), func(b *testing.B) {
			for b.Loop() {
				EmbedGrad(d, dy, index, dim, -1)
			}
		})
	}
}
