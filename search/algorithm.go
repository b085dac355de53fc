package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// An Algorithm says which points are tried.
type Algorithm struct {
	text string // how it is declared
	err  error
	run  func(s *study) error
}

// String is how the algorithm is declared.
func (a Algorithm) String() string { return a.text }

// Random tries n points that are drawn independently, each parameter as its declaration
// says. n ≥ 1.
//
// Source: Bergstra, Bengio, Random Search for Hyper-Parameter Optimization, JMLR 13, 2012,
// https://jmlr.org/papers/v13/bergstra12a.html.
func Random(n int) Algorithm {
	a := Algorithm{text: fmt.Sprintf("Random(%d)", n), run: func(s *study) error {
		var tries []try
		for k := range n {
			tries = append(tries, try{k, s.space.draw(s.seed, k), s.epochs, 0})
		}
		_, err := s.all(tries)
		return err
	}}
	if n < 1 {
		a.err = errors.Errorf("search.Random: n is %d, want at least 1", n)
	}
	return a
}

// maxGrid bounds a grid.
const maxGrid = 1_000_000

// Grid tries all combinations of the choices and of n values of each other parameter,
// evenly spaced from its lowest to its highest, or fewer where there are fewer whole
// numbers. The last parameter varies fastest. n ≥ 2.
func Grid(n int) Algorithm {
	a := Algorithm{text: fmt.Sprintf("Grid(%d)", n), run: func(s *study) error {
		values, total := make([][]any, len(s.space)), 1
		for i, p := range s.space {
			values[i] = p.grid(n)
			if total *= len(values[i]); total > maxGrid {
				return errors.Errorf("search.Grid: there are more than %d points; want fewer values, or Random", maxGrid)
			}
		}
		var tries []try
		for k := range total {
			p, rest := point{}, k
			for i := len(s.space) - 1; i >= 0; i-- {
				p[s.space[i].name] = values[i][rest%len(values[i])]
				rest /= len(values[i])
			}
			tries = append(tries, try{k, p, s.epochs, 0})
		}
		_, err := s.all(tries)
		return err
	}}
	if n < 2 {
		a.err = errors.Errorf("search.Grid: n is %d, want at least 2", n)
	}
	return a
}

// Hyperband tries many points for a few epochs and goes on with the best of them for
// longer, to maxEpochs in the end. It does so in brackets that begin with ever fewer points
// and more epochs, as there is no knowing how soon a good point shows: with S the largest s
// for which 3^s ≤ maxEpochs, bracket s = S, S-1, ..., 0 has
//
//	n = ⌈(S+1)/(s+1)·3^s⌉ points for maxEpochs/3^s epochs,
//
// of which the best third goes on for three times as many, and so on. For 81 these are 81
// points from 1 epoch on, 34 from 3, 15 from 9, 8 from 27 and 5 for all 81. A trial that
// has failed does not go on. maxEpochs ≥ 3.
//
// Source: Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar, Hyperband: A Novel Bandit-Based
// Approach to Hyperparameter Optimization, JMLR 18, 2018, https://arxiv.org/abs/1603.06560.
func Hyperband(maxEpochs int) Algorithm {
	a := Algorithm{text: fmt.Sprintf("Hyperband(%d)", maxEpochs), run: func(s *study) error {
		first := 0
		for _, b := range brackets(maxEpochs) {
			var tries []try
			for k := range b[0].points {
				tries = append(tries, try{first + k, s.space.draw(s.seed, first+k), b[0].epochs, 0})
			}
			first += b[0].points
			for i := range b {
				done, err := s.all(tries)
				if err != nil {
					return err
				}
				if i+1 < len(b) {
					tries = s.best(done, b[i+1])
				}
			}
		}
		return nil
	}}
	if maxEpochs < eta {
		a.err = errors.Errorf("search.Hyperband: maxEpochs is %d, want at least %d", maxEpochs, eta)
	}
	return a
}

// eta is one over the share that goes on.
const eta = 3

// A rung is how many points of a bracket are trained, and for how long.
type rung struct{ points, epochs int }

func brackets(maxEpochs int) (out [][]rung) {
	top, power := 0, 1
	for power*eta <= maxEpochs {
		top, power = top+1, power*eta
	}
	for s := top; s >= 0; s-- {
		var b []rung
		n := ((top+1)*power + s) / (s + 1) // rounded up
		for i, share := 0, power; i <= s; i, share = i+1, share/eta {
			b = append(b, rung{max(1, n), int(math.Round(float64(maxEpochs) / float64(share)))})
			n /= eta
		}
		out = append(out, b)
		power /= eta
	}
	return out
}

// best are the trials that go on to a rung.
func (s *study) best(done []Outcome, next rung) []try {
	done = slices.DeleteFunc(slices.Clone(done), func(o Outcome) bool { return o.Err != "" })
	slices.SortStableFunc(done, func(a, b Outcome) int {
		if s.maximize {
			return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Trial, b.Trial))
		}
		return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Trial, b.Trial))
	})
	var tries []try
	for _, o := range done[:min(next.points, len(done))] {
		tries = append(tries, try{o.Trial, o.Values, next.epochs, o.Rung + 1})
	}
	slices.SortFunc(tries, func(a, b try) int { return cmp.Compare(a.trial, b.trial) })
	return tries
}
