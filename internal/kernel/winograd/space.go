package winograd

import "github.com/thinnet/thinnet/internal/kernel/scratch"

// Working memory of jobs, one for each worker, and for the sums of a whole pass lies
// apart, so that not all grows to the size of the largest.
var jobSpaces, sumSpaces scratch.List

// cut returns the first n numbers, a multiple of lanes, and the others.
func cut(s []float32, n int) (first, rest []float32) { return s[:n:n], s[n:] }
