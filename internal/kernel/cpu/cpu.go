// Package cpu says which instructions the kernels may use.
//
// The best level that the machine has is chosen once at start. The environment
// variable THINNET_KERNEL, one of go, avx2 and avx512, asks for a lower one: to
// test a path on a machine that would not take it. A level that the machine or
// the build lacks is never used; a name that is none of the three is a panic. As it
// is read before tests start, go test knows nothing of it: run tests with -count=1.
package cpu

import "os"

// A Level is a set of instructions. Each contains those before it.
type Level uint8

const (
	Go     Level = iota // the portable code, in Go alone
	AVX2                // 256-bit vectors, with FMA
	AVX512              // 512-bit vectors: F, BW, DQ, VL
)

func (l Level) String() string { return [...]string{"go", "avx2", "avx512"}[l] }

var best = detect()

var level = start(os.Getenv("THINNET_KERNEL"))

func start(want string) Level {
	if want == "" {
		return best
	}
	for l := Go; l <= AVX512; l++ {
		if want == l.String() {
			return min(l, best)
		}
	}
	panic("THINNET_KERNEL is " + want + ", want go, avx2 or avx512")
}

// Best returns the highest level that the machine and the build have.
func Best() Level { return best }

// Get returns the level in use.
func Get() Level { return level }

// Set uses another level, at most [Best], and returns the one used before. It is
// for tests, while no kernel runs.
func Set(l Level) (before Level) {
	before, level = level, min(l, best)
	return before
}
