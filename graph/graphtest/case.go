package graphtest

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/graph"
)

// A Case is a net whose gradients are to be checked.
type Case struct {
	// Name tells apart the cases of one node. It may be empty.
	Name string
	// Node is the exported function that the case covers: see [Covered].
	Node string
	// In are the inputs, the nodes that Net gets.
	In []Input
	// Net declares the output, of any shape.
	Net func(s *graph.Scope, in ...*graph.Node) *graph.Node
	// Modes are those to check, by default Train and Eval.
	Modes []graph.Mode
	// ZeroGradient says that an input or a parameter has a gradient of 0 in one
	// of the modes, as a bias before a batch norm has. Without it, that is an error: such a
	// check finds nothing.
	ZeroGradient bool
	// Tolerance allows for a difference of Tolerance·(1 + |want|) between a
	// gradient and its central difference. The default is 1e-7: rounding makes a
	// difference inexact by 4e-11 of the loss, the third derivative by 6e-12 of
	// itself. Say in a comment why a case needs more.
	Tolerance float64
}

func (c Case) String() string {
	if c.Name == "" {
		return c.Node
	}
	return c.Node + "/" + c.Name
}

// CheckAll runs [Check] on every case, each a subtest.
func CheckAll(t *testing.T, cases []Case) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			t.Helper()
			Check(t, c)
		})
	}
}

// Check compares the gradients of a net with central differences, and with
// those that other machines compute; see the package comment. It reports every
// tensor with a wrong element by Errorf.
func Check(t testing.TB, c Case) {
	t.Helper()
	if c.Tolerance == 0 {
		c.Tolerance = 1e-7
	}
	if len(c.Modes) == 0 {
		c.Modes = []graph.Mode{graph.Train, graph.Eval}
	}
	zero := false
	for _, mode := range c.Modes {
		report := func(format string, args ...any) {
			t.Helper()
			t.Errorf("%v in %v mode: %s", c, mode, fmt.Sprintf(format, args...))
		}
		p, err := newProbe(c, mode)
		if err != nil {
			report("%v", err)
			continue
		}
		checked := p.differences(report)
		for _, g := range checked {
			zero = zero || g.zero
			if g.zero && !c.ZeroGradient {
				report("%s: the gradient is 0 everywhere, so the check finds nothing; want an output that depends on it, or ZeroGradient", g.name)
			}
		}
		if len(checked) == 0 {
			report("nothing to differentiate by, want an input that is not fixed, or a parameter")
		}
		if err := p.oracles(report); err != nil {
			report("%v", err)
		}
		if err := p.device(report); err != nil {
			report("%v", err)
		}
	}
	if c.ZeroGradient && !zero {
		t.Errorf("%v: ZeroGradient is set, but no gradient is 0 everywhere; want it unset", c)
	}
}
