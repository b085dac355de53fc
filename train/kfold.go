package train

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/philox"
)

// A Fold is one way to cut a data set into what is trained on and what is validated
// on.
type Fold struct{ Training, Validation Dataset }

// KFold shuffles ds and deals it out to k folds, whose sizes differ by one sample at
// most: each fold is validated on once, by what was trained on all the others. With
// [Stratified], so it is for each class. The folds are a function of the seed and
// ds.Len(), with Stratified of the classes too. Fewer samples than folds, and k below
// 2, are errors.
//
// [Compare] trains on all folds, given as those of a [Study].
//
// They have the sizes, and as many samples of each class, as those of scikit-learn's
// KFold and StratifiedKFold. Within a part samples are in the order of ds.
func KFold(ds Dataset, k int, seed uint64, opts ...SplitOption) ([]Fold, error) {
	strata, err := strataOf(ds, opts)
	if err != nil {
		return nil, errors.WithMessage(err, "train.KFold")
	}
	n := len(strata)
	if k < 2 || k > n {
		return nil, errors.Errorf("train.KFold: k is %d, want at least 2 and at most the %d samples", k, n)
	}
	order := rand.New(philox.NewSource(philox.KeyOf(seed, "folds"), 0)).Perm(n)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(strata[a], strata[b]) })
	fold := make([]int, n)
	for place, i := range order {
		fold[i] = place % k
	}
	folds := make([]Fold, k)
	for f := range folds {
		var in, out []int
		for i := range n {
			if fold[i] == f {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		folds[f] = Fold{&subset{ds: ds, indices: in}, &subset{ds: ds, indices: out}}
	}
	return folds, nil
}
