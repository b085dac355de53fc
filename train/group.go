package train

import (
	"fmt"
	"math"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/names"
)

// Group gives the parameters whose names match a pattern a learning rate or a weight
// decay of their own:
//
//	train.AdamW(1e-3,
//		train.Group("encoder.*", train.LRFactor(0.1)),
//		train.Group("*.bias", train.WeightDecay(0)))
//
// Patterns are those of [path.Match], where * stands for any characters, dots included.
// Where a parameter is in several groups, the last one that sets a thing counts. A
// pattern that matches no parameter of the first Step is an error there.
//
// It applies to every optimiser. They are PyTorch's parameter groups.
func Group(pattern string, opts ...GroupOption) OptimizerOption {
	g := &group{pattern: pattern}
	err := names.Check(pattern)
	for _, opt := range guard.Given(opts) {
		if e := opt.inGroup(g); err == nil {
			err = e
		}
	}
	return OptimizerOption{"Group", func(o *Optimizer) { o.groups = append(o.groups, g) }, errors.WithMessagef(err, "%q", pattern)}
}

// A GroupOption sets something for one [Group]: [LRFactor] or [WeightDecay].
type GroupOption interface{ inGroup(g *group) error }

// group holds nil where it sets nothing.
type group struct {
	pattern       string
	factor, decay *float64
}

// LRFactor makes the learning rate of a [Group] f times that of the others, which a
// [Schedule] or [Optimizer.SetLR] may set. 0 ≤ f < ∞. With 0 parameters stay where they
// are; [Freeze] saves the work as well.
func LRFactor(f float64) GroupOption { return lrFactor(f) }

type lrFactor float64

func (f lrFactor) inGroup(g *group) error {
	g.factor = (*float64)(&f)
	return errors.WithMessage(checkRange("f", float64(f), 0, math.Inf(1)), "LRFactor")
}

func (o OptimizerOption) inGroup(g *group) error {
	switch o.name {
	case "WeightDecay":
	case "":
		return errors.New("an option is empty, want LRFactor or WeightDecay")
	default:
		return errors.Errorf("%s is for all parameters, want LRFactor or WeightDecay", o.name)
	}
	var with Optimizer
	o.set(&with)
	wd := with.settings.weightDecay
	g.decay = &wd
	return errors.WithMessage(o.err, o.name)
}

// grouped is what the groups of a parameter make of the optimiser's settings.
type grouped struct {
	settings *settings
	factor   float64 // of the learning rate
}

// ofGroups returns it for each parameter, by their names.
func (o *Optimizer) ofGroups(called []string) ([]grouped, error) {
	out := make([]grouped, len(called))
	for i := range out {
		out[i] = grouped{&o.settings, 1}
	}
	for _, g := range o.groups {
		matches, err := names.Match(g.pattern, called)
		if err != nil {
			return nil, errors.WithMessage(err, "Group")
		}
		for i := range out {
			if matches[i] {
				out[i].join(g)
			}
		}
	}
	return out, nil
}

// join takes what a group sets.
func (p *grouped) join(g *group) {
	if g.factor != nil {
		p.factor = *g.factor
	}
	if g.decay != nil {
		own := *p.settings
		own.weightDecay = *g.decay
		p.settings = &own
	}
}

func (g *group) String() string {
	var b strings.Builder
	b.WriteString("group " + g.pattern)
	if g.factor != nil {
		fmt.Fprintf(&b, " lr factor %v", *g.factor)
	}
	if g.decay != nil {
		fmt.Fprintf(&b, " weightDecay %v", *g.decay)
	}
	return b.String()
}
