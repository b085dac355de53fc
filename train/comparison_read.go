package train

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// ReadComparison returns the runs of [Compare] that have ended and are stored in
// a folder: of a study that is under way, or whose data is not at hand. Of the
// variants named it returns those in this order; without any it returns all, in
// order of their files. A folder that is not there or has no such run is an error.
func ReadComparison(folder string, variants ...string) (*Comparison, error) {
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return nil, errors.Wrap(err, "train.ReadComparison")
	}
	c := &Comparison{variants: slices.Clone(variants)}
	var stored []string // the variants that there are
	for _, e := range entries {
		if ours, _ := filepath.Match("*-seed*"+runEnding, e.Name()); !ours {
			continue
		}
		path := filepath.Join(folder, e.Name())
		f, err := readRunFile(path)
		if err != nil {
			return nil, errors.WithMessage(err, "train.ReadComparison")
		}
		r := f.run(path)
		if !slices.Contains(stored, r.Variant) {
			stored = append(stored, r.Variant)
		}
		switch {
		case slices.Contains(c.variants, r.Variant):
		case len(variants) > 0:
			continue
		default:
			c.variants = append(c.variants, r.Variant)
		}
		c.Runs = append(c.Runs, *r)
	}
	switch {
	case len(stored) == 0:
		return nil, errors.Errorf("train.ReadComparison: %s holds no run that has ended, want files named VARIANT-seedN.json", folder)
	case len(c.Runs) == 0:
		return nil, errors.Errorf("train.ReadComparison: %s holds runs of %s, but none of %s", folder, strings.Join(stored, ", "), strings.Join(variants, ", "))
	}
	slices.SortStableFunc(c.Runs, func(a, b Run) int {
		return cmp.Or(slices.Index(c.variants, a.Variant)-slices.Index(c.variants, b.Variant), cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Fold, b.Fold))
	})
	return c, nil
}
