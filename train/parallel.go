package train

import "github.com/thinnet/thinnet/internal/kernel"

// parallel calls do for every i < n on all processors, and returns the error
// of the lowest i that failed, which does not depend on how many there are.
func parallel(n int, do func(i int) error) error {
	errs := make([]error, n)
	kernel.Parallel(n, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			errs[i] = do(i)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
