package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/channels"
	"github.com/thinnet/thinnet/internal/philox"
)

// RankPool is [channels.RankPool].
func RankPool[T Float](w *Windows, weights []float64, y, x []T) {
	channels.RankPool(w, weights, y, x)
}

// RankPoolGrad is [channels.RankPoolGrad].
func RankPoolGrad[T Float](w *Windows, weights []float64, dx, x, dy []T) {
	channels.RankPoolGrad(w, weights, dx, x, dy)
}

// SamplePool is [channels.SamplePool].
func SamplePool[T Float](w *Windows, key philox.Key, step uint64, y, x []T) {
	channels.SamplePool(w, key, step, y, x)
}

// SamplePoolGrad is [channels.SamplePoolGrad].
func SamplePoolGrad[T Float](w *Windows, key philox.Key, step uint64, dx, x, dy []T) {
	channels.SamplePoolGrad(w, key, step, dx, x, dy)
}

// OwnPool is [channels.OwnPool].
func OwnPool[T Float](w *Windows, y, x []T) { channels.OwnPool(w, y, x) }

// OwnPoolGrad is [channels.OwnPoolGrad].
func OwnPoolGrad[T Float](w *Windows, dx, x, dy []T) { channels.OwnPoolGrad(w, dx, x, dy) }
