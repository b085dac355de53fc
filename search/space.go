package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Space is what is searched: a parameter for each hyperparameter.
type Space []Param

// A Param is a hyperparameter and the values that it may take.
type Param struct {
	name    string
	kind    kind
	lo, hi  float64
	choices []string
}

type kind string

const (
	float    kind = "Float"
	logFloat kind = "LogFloat"
	integer  kind = "Int"
	logInt   kind = "LogInt"
	choice   kind = "Choice"
)

// Float is a number from lo to hi, uniformly. lo < hi.
func Float(name string, lo, hi float64) Param { return Param{name: name, kind: float, lo: lo, hi: hi} }

// LogFloat is a number from lo to hi whose logarithm is uniform, such as a learning rate.
// 0 < lo < hi.
func LogFloat(name string, lo, hi float64) Param {
	return Param{name: name, kind: logFloat, lo: lo, hi: hi}
}

// Int is a whole number from lo to hi, uniformly, both included. lo < hi.
func Int(name string, lo, hi int) Param {
	return Param{name: name, kind: integer, lo: float64(lo), hi: float64(hi)}
}

// LogInt is a whole number from lo to hi, both included, whose logarithm is uniform before
// it is rounded, such as a width. 0 < lo < hi.
func LogInt(name string, lo, hi int) Param {
	return Param{name: name, kind: logInt, lo: float64(lo), hi: float64(hi)}
}

// Choice is one of some texts, such as the name of an optimiser.
func Choice(name string, of ...string) Param { return Param{name: name, kind: choice, choices: of} }

// String is how the parameter is declared.
func (p Param) String() string {
	if p.kind == choice {
		return fmt.Sprintf("%s(%q, %s)", p.kind, p.name, strings.Join(quoted(p.choices), ", "))
	}
	return fmt.Sprintf("%s(%q, %v, %v)", p.kind, p.name, p.lo, p.hi)
}

func quoted(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = fmt.Sprintf("%q", t)
	}
	return out
}

// check returns the first mistake.
func (s Space) check() error {
	if len(s) == 0 {
		return errors.New("the space is empty, want a parameter at least")
	}
	names := map[string]bool{}
	for _, p := range s {
		if p.name == "" || names[p.name] {
			return errors.Errorf("%v: the name is empty or there twice, want another", p)
		}
		names[p.name] = true
		logarithmic := p.kind == logFloat || p.kind == logInt
		switch {
		case p.kind == "":
			return errors.New("a parameter is empty, want one of search.Float and others")
		case p.kind == choice && len(p.choices) == 0:
			return errors.Errorf("%v: there is nothing to choose from", p)
		case p.kind == choice && len(slices.Compact(slices.Sorted(slices.Values(p.choices)))) < len(p.choices):
			return errors.Errorf("%v: a choice is there twice", p)
		case p.kind == choice:
		case !(p.lo < p.hi) || math.IsInf(p.hi-p.lo, 0):
			return errors.Errorf("%v: want finite bounds, the first below the second", p)
		case logarithmic && p.lo <= 0:
			return errors.Errorf("%v: want bounds above 0", p)
		}
	}
	return nil
}

// A point has a value for each parameter: a float64, an int or a string.
type point map[string]any

// draw returns the point of a trial.
func (s Space) draw(seed uint64, number int) point {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	p := point{}
	for _, param := range s {
		p[param.name] = param.at(r.Float64())
	}
	return p
}

// at is the value at a place from 0 to 1.
func (p Param) at(u float64) any {
	switch p.kind {
	case float:
		return clamp(p.lo+u*(p.hi-p.lo), p.lo, p.hi)
	case logFloat:
		return clamp(p.lo*math.Pow(p.hi/p.lo, u), p.lo, p.hi)
	case integer:
		return int(clamp(p.lo+math.Floor(u*(p.hi-p.lo+1)), p.lo, p.hi))
	case logInt: // each with half of the way to its neighbours
		lo, hi := p.lo-0.5, p.hi+0.5
		return int(clamp(math.Round(lo*math.Pow(hi/lo, u)), p.lo, p.hi))
	}
	return p.choices[min(int(u*float64(len(p.choices))), len(p.choices)-1)]
}

func clamp(v, lo, hi float64) float64 { return max(lo, min(v, hi)) }

// grid returns at most n values, evenly spaced, or all choices.
func (p Param) grid(n int) []any {
	var out []any
	if p.kind == choice {
		for _, c := range p.choices {
			out = append(out, c)
		}
		return out
	}
	for i := range n {
		u := float64(i) / float64(n-1)
		v := p.lo + u*(p.hi-p.lo)
		if p.kind == logFloat || p.kind == logInt {
			v = p.lo * math.Pow(p.hi/p.lo, u)
		}
		var value any = clamp(v, p.lo, p.hi)
		if p.kind == integer || p.kind == logInt {
			value = int(math.Round(v))
		}
		if !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	return out
}

// fits says whether a value is one of the parameter.
func (p Param) fits(v any) bool {
	switch v := v.(type) {
	case string:
		return p.kind == choice && slices.Contains(p.choices, v)
	case int:
		return (p.kind == integer || p.kind == logInt) && float64(v) >= p.lo && float64(v) <= p.hi
	case float64:
		return (p.kind == float || p.kind == logFloat) && v >= p.lo && v <= p.hi
	}
	return false
}
