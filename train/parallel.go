package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls do for every i < n on all processors, and returns the error
// of the lowest i that failed. Numbers are handed out in order and what was
// begun is finished, so that error does not depend on how many processors
// there are.
func parallel(n int, do func(i int) error) error {
	var (
		next   atomic.Int64
		mu     sync.Mutex
		first  = n
		result error
		wg     sync.WaitGroup
	)
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					next.Store(int64(n))
					mu.Lock()
					if i < first {
						first, result = i, err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return result
}
