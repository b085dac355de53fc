package train

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// each is how many runs a variant has.
func (c *comparing) each() int { return len(c.Seeds) * max(1, len(c.Folds)) }

// runs is how many there are in all.
func (c *comparing) runs() int { return len(c.Variants) * c.each() }

// running returns run i, in order of variant, seed and fold, before it begins.
func (c *comparing) running(i int) *running {
	folds := max(1, len(c.Folds))
	r := &running{c: c, v: &c.Variants[i/c.each()], seed: c.Seeds[i%c.each()/folds]}
	if c.Folds != nil {
		r.fold = i%folds + 1
	}
	return r
}

// name is how messages call a run.
func (r *running) name() string {
	return (&Run{Variant: r.v.Name, Seed: r.seed, Fold: r.fold}).name()
}

func (r *Run) name() string {
	if r.Fold == 0 {
		return fmt.Sprintf("%s, seed %d", r.Variant, r.Seed)
	}
	return fmt.Sprintf("%s, seed %d, fold %d", r.Variant, r.Seed, r.Fold)
}

// training returns what a run trains on.
func (r *running) training() Dataset {
	if r.fold == 0 {
		return r.c.Training
	}
	return r.c.Folds[r.fold-1].Training
}

func (c *comparing) checkFolds() error {
	switch {
	case c.Folds == nil:
		return nil
	case len(c.Folds) == 0:
		return errors.New("the study has Folds without any fold, want those of KFold")
	case c.Training != nil:
		return errors.New("the study has both Training and Folds, want one of them")
	}
	for i, f := range c.Folds {
		if f.Training == nil || f.Validation == nil {
			return errors.Errorf("fold %d lacks data to train on or to validate on", i+1)
		}
	}
	return nil
}

// checkValidation looks for a [Validation] that a fold would take the place of.
func (r *running) checkValidation() error {
	if r.fold == 0 {
		return nil
	}
	var s fitSettings
	opts := r.options()
	guard.Apply(&s, opts[:len(opts)-1]) // the last one is of the fold
	if s.validation != nil {
		return errors.New("the options give Validation, and so do the folds: leave it out")
	}
	return nil
}

// folded says whether there are runs of folds.
func (c *Comparison) folded() bool {
	return slices.ContainsFunc(c.Runs, func(r Run) bool { return r.Fold > 0 })
}
