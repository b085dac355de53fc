package kernel

import (
	"slices"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

func TestParallelChunks(t *testing.T) {
	kerneltest.EachThreads(t, func(t *testing.T) {
		for _, c := range []struct {
			n, grain int
			want     [][2]int
		}{
			{0, 3, nil},
			{-1, 3, nil},
			{1, 3, [][2]int{{0, 1}}},
			{3, 3, [][2]int{{0, 3}}},
			{7, 3, [][2]int{{0, 3}, {3, 6}, {6, 7}}},
			{4, 1, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}}},
		} {
			var mu sync.Mutex
			var got [][2]int
			Parallel(c.n, c.grain, func(lo, hi int) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, [2]int{lo, hi})
			})
			slices.SortFunc(got, func(a, b [2]int) int { return a[0] - b[0] })
			if !slices.Equal(got, c.want) {
				t.Errorf("Parallel(%d, %d) ran %v, want %v", c.n, c.grain, got, c.want)
			}
		}
	})
}

func TestParallelPanic(t *testing.T) {
	kerneltest.EachThreads(t, func(t *testing.T) {
		defer func() {
			if got, want := recover(), "chunk 40"; got != want {
				t.Errorf("recovered %v, want %v", got, want)
			}
		}()
		Parallel(100, 1, func(lo, _ int) {
			if lo == 40 {
				panic("chunk 40")
			}
		})
	})
}
