package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls do for every i < n on all processors, and returns the error of
// the lowest i that failed, which does not depend on how many there are. A panic
// is raised again on the caller's goroutine.
//
// The goroutines are its own: a loader works while the kernels of a training step
// do, and files are slow.
func parallel(n int, do func(i int) error) error {
	errs := make([]error, n)
	var (
		next   atomic.Int64
		failed atomic.Pointer[any]
		group  sync.WaitGroup
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					failed.Store(&r)
				}
			}()
			for i := int(next.Add(1)) - 1; i < n && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	group.Wait()
	if r := failed.Load(); r != nil {
		panic(*r)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
