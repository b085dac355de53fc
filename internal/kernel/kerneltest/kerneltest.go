// Package kerneltest is what the tests of the kernels have in common.
package kerneltest

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// EachLevel runs f at every level of instructions that the machine has.
func EachLevel(t *testing.T, f func(t *testing.T)) {
	for level := cpu.Go; level <= cpu.Best(); level++ {
		t.Run(level.String(), func(t *testing.T) {
			defer cpu.Set(cpu.Set(level))
			f(t)
		})
	}
}

// EachThreads runs f on one thread and on several numbers of them.
func EachThreads(t *testing.T, f func(t *testing.T)) {
	defer pool.SetThreads(pool.Threads())
	for _, n := range []int{1, 2, 5} {
		t.Run(fmt.Sprintf("threads=%d", n), func(t *testing.T) {
			pool.SetThreads(n)
			f(t)
		})
	}
}
