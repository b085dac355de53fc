package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Parallel is [pool.Run] for a function: it calls f(lo, hi) once for each chunk
// of grain indices of [0, n). The function is an allocation at every call, so a
// kernel that a step of training runs is a job of its own.
func Parallel(n, grain int, f func(lo, hi int)) { pool.Run(n, grain, parallelJob{f}) }

type parallelJob struct{ f func(lo, hi int) }

func (j *parallelJob) Do(lo, hi int) { j.f(lo, hi) }
