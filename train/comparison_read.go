package train

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"
)

// ReadComparison returns the runs of [Compare] that have ended and are stored in
// a folder: of a study that is under way, or whose data is not at hand. Of the
// variants named it returns those in this order; without any it returns all, in
// order of their files. A folder without such a run is an error.
func ReadComparison(folder string, variants ...string) (*Comparison, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*-seed*"+runEnding)) // sorted
	if err != nil {
		return nil, errors.Wrap(err, "train.ReadComparison")
	}
	c := &Comparison{variants: slices.Clone(variants)}
	for _, path := range paths {
		f, err := readRunFile(path)
		if err != nil {
			return nil, errors.WithMessage(err, "train.ReadComparison")
		}
		r := f.run(path)
		switch {
		case slices.Contains(c.variants, r.Variant):
		case len(variants) > 0:
			continue
		default:
			c.variants = append(c.variants, r.Variant)
		}
		c.Runs = append(c.Runs, *r)
	}
	if len(c.Runs) == 0 {
		return nil, errors.Errorf("train.ReadComparison: %s holds no run that has ended, want files named VARIANT-seedN.json", folder)
	}
	slices.SortStableFunc(c.Runs, func(a, b Run) int {
		return cmp.Or(slices.Index(c.variants, a.Variant)-slices.Index(c.variants, b.Variant), cmp.Compare(a.Seed, b.Seed))
	})
	return c, nil
}
