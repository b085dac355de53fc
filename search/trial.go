package search

import (
	"context"
	"fmt"

	"github.com/pkg/errors"
)

// An Objective trains with the values of a trial and returns what is to be as small as can
// be, or with [Maximize] as large. An error, a panic or NaN makes the trial one that has
// failed, and the study goes on.
type Objective func(ctx context.Context, t *Trial) (float64, error)

// A Trial is a point of the space, as the objective sees it.
type Trial struct {
	number int
	values point
	space  Space
	epochs int
	folder string
	wrong  error // the first mistake of the objective
}

// Number counts trials from 0.
func (t *Trial) Number() int { return t.number }

// Epochs returns how long to train in all: with [Hyperband] the epochs of its rung, else
// what [Epochs] says. A trial that Hyperband goes on with is called again with more.
func (t *Trial) Epochs() int { return t.epochs }

// Folder returns a folder of the trial, which is there. What is put into it is kept with
// the study, and is there when the trial is called again: with [train.Checkpoints] of it
// training goes on where it was.
func (t *Trial) Folder() string { return t.folder }

// Float returns the value of a [Float] or a [LogFloat].
func (t *Trial) Float(name string) float64 { return valueOf[float64](t, name, "Float or LogFloat") }

// Int returns the value of an [Int] or a [LogInt].
func (t *Trial) Int(name string) int { return valueOf[int](t, name, "Int or LogInt") }

// Choice returns the value of a [Choice].
func (t *Trial) Choice(name string) string { return valueOf[string](t, name, "Choice") }

// valueOf returns a value. To ask for one that is not there is a mistake of the objective:
// the trial fails by it.
func valueOf[T any](t *Trial, name, kind string) (v T) {
	got, there := t.values[name]
	v, ok := got.(T)
	switch {
	case !there:
		t.fail(errors.Errorf("the objective asks for %q, want one of the space: %v", name, []Param(t.space)))
	case !ok:
		t.fail(errors.Errorf("the objective asks for %q as a %s, and it is %v", name, kind, t.param(name)))
	}
	return v
}

func (t *Trial) fail(err error) {
	if t.wrong == nil {
		t.wrong = err
	}
}

func (t *Trial) param(name string) string {
	for _, p := range t.space {
		if p.name == name {
			return p.String()
		}
	}
	return fmt.Sprintf("no parameter %q", name)
}
