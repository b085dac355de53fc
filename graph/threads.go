package graph

import "github.com/thinnet/thinnet/internal/kernel/pool"

// SetThreads sets the number of threads that compute at one time, of all models of
// the process together; less than 1 counts as 1. The default is GOMAXPROCS at the
// first computation. Results are the same bits for any number, on processors with the
// same instructions. Predictions from
// several goroutines at once run beside each other, each on its caller's.
//
// It is what torch.set_num_threads is in PyTorch.
func SetThreads(n int) { pool.SetThreads(n) }

// Threads returns the number set by [SetThreads], or the default.
func Threads() int { return pool.Threads() }
