package regularize

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
)

// What is drawn at a step is computed on the host by the same functions for all devices;
// kernels read it from words, whose order is that of philox.h.

func putStream(words []uint32, key philox.Key, step uint64) {
	words[0], words[1] = key[0], key[1]
	words[2], words[3] = uint32(step), uint32(step>>32)
}

func putMask(words []uint32, m kernel.Mask) {
	putStream(words, m.Key, m.Step)
	words[4], words[5] = m.Threshold, math.Float32bits(float32(m.Scale))
}

func putFloat64(words []uint32, v float64) {
	bits := math.Float64bits(v)
	words[0], words[1] = uint32(bits), uint32(bits>>32)
}

// words returns where kernels read the mask of a step.
func (b bernoulli) words(c *cuda.Commands) cuda.Pointer {
	return c.PerStep(6, func(step uint64, words []uint32) { putMask(words, b.atStep(step)) })
}

// eachFour launches a kernel whose threads have four elements of n each.
func eachFour(c *cuda.Commands, kernel string, n int, args ...any) {
	c.Fours(kernel, n, append(args, n)...)
}

// broadcastOf returns the parameters of kernels that read factors of shape k, broadcast to
// shape x: for each run of axes that k has, one run inside of another, how many elements of
// x lie inside of it, its length, and how far its factors are apart. There is place for
// three.
func broadcastOf(c *cuda.Commands, x, k graph.Shape) (args []any) {
	type run struct{ inner, length, step int }
	runs, inner, step, open := []run{}, 1, 1, false
	for i := len(x) - 1; i >= 0; i-- {
		switch {
		case x[i] == 1:
		case k[i] == 1:
			open = false
		case open:
			runs[len(runs)-1].length *= x[i]
		default:
			runs, open = append(runs, run{inner, x[i], step}), true
		}
		inner *= x[i]
		step *= k[i]
	}
	const most = 3
	if len(runs) > most {
		c.Fail(errors.Errorf("factors of shape %v for x of shape %v have %d runs of axes, want at most %d on CUDA", k, x, len(runs), most))
		return nil
	}
	for len(runs) < most {
		runs = append(runs, run{1, 1, 0})
	}
	for _, r := range runs {
		args = append(args, cuda.Divisor(r.inner), cuda.Divisor(r.length), r.length, r.step)
	}
	return args
}
