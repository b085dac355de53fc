package graph

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/guard"
)

// project applies the constraints in order: by their kernels, or where one is a function of
// the host alone, there.
func (t *Trainer) project() error {
	r, rest := t.m.resident, t.p.projections
	for len(rest) > 0 {
		n := slices.IndexFunc(rest, func(p projection) bool { return p.launch == nil })
		if n == 0 {
			if err := t.projectOnHost(&rest[0]); err != nil {
				return err
			}
			rest = rest[1:]
			continue
		}
		if n < 0 {
			n = len(rest)
		}
		err := r.dev.Do(func(s *cuda.Stream) error {
			for k := range rest[:n] {
				if err := r.project(s, &rest[k]); err != nil {
					return errors.WithMessagef(err, "a constraint of %s", rest[k].w.Name)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// project runs the kernels of a constraint.
func (r *resident) project(s *cuda.Stream, p *projection) error {
	if p.program == nil {
		c := cuda.NewCommands(0, 0, 0)
		err := guard.Call("Launch", func() (err error) {
			p.launch(c, r.at[p.w])
			if scratch, words, reports := c.Layout(); scratch+words+reports > 0 {
				return errors.New("it takes working memory, want none")
			}
			p.program, err = r.dev.Program(c)
			return err
		})
		if err != nil {
			return err
		}
	}
	r.newer[p.w] = true
	return p.program.Run(s)
}

// projectOnHost brings the weight there and back.
func (t *Trainer) projectOnHost(p *projection) error {
	if err := t.m.fetch(p.w); err != nil {
		return err
	}
	if err := guard.Call("a constraint", p.project); err != nil {
		return err
	}
	r := t.m.resident
	return r.dev.Do(func(s *cuda.Stream) error { return r.put(s, p.w, p.w.Value) })
}
