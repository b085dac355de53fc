package graph

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
)

// gradients declares the gradient of loss with respect to every parameter, by
// position in the model; nil for state, for what is frozen and for parameters that the
// loss does not depend on. A loss that depends on none could not be trained, an error.
func (b *builder) gradients(loss *Node) ([]*gorgonia.Node, error) {
	reached, end := reachable(loss.n)
	if end != nil {
		return nil, errors.Errorf("stock operation %v, which the loss depends on, has no gradient; want another operation, or a node of this module", end.Op())
	}
	out := make([]*gorgonia.Node, len(b.store.order))
	var wrt gorgonia.Nodes
	var at []int
	held := false // a parameter is, by being frozen
	for i, w := range b.store.order {
		if n := b.weights[w.Name]; n != nil && w.Trainable && reached[n.n] {
			if b.frozen[w] {
				held = true
				continue
			}
			wrt = append(wrt, n.n)
			at = append(at, i)
		}
	}
	switch {
	case len(wrt) > 0:
	case held:
		return nil, errors.New("all parameters that the loss depends on are frozen, want one that is not")
	default:
		return nil, errors.New("the loss depends on no parameter" + b.cuts(loss.n, reached))
	}
	var grads gorgonia.Nodes
	err := guard.Call("gorgonia.Grad", func() (err error) {
		grads, err = gorgonia.Grad(loss.n, wrt...)
		return errors.Wrap(err, "differentiating")
	})
	if b.err != nil {
		return nil, b.err // says more than Gorgonia's wrapping of it
	}
	for k, g := range grads {
		out[at[k]] = g
	}
	return out, err
}

// cuts names the nodes that the gradient of the loss reaches and does not pass on
// to a parameter, for an error; it is empty if there are none.
func (b *builder) cuts(loss *gorgonia.Node, reached map[*gorgonia.Node]bool) string {
	sub := loss.Graph().SubgraphRoots(loss)
	learns := map[*gorgonia.Node]bool{} // depends on a parameter
	var out strings.Builder
	var visit func(n *gorgonia.Node) bool
	visit = func(n *gorgonia.Node) bool {
		if known, ok := learns[n]; ok {
			return known
		}
		if n.Op() == nil {
			w := b.store.byName[n.Name()]
			learns[n] = w != nil && w.Trainable
			return learns[n]
		}
		for it := sub.From(n.ID()); it.Next(); {
			if visit(it.Node().(*gorgonia.Node)) {
				learns[n] = true
			}
		}
		if !learns[n] || !reached[n] {
			return learns[n]
		}
		cut := true
		for it := sub.From(n.ID()); it.Next(); {
			c := it.Node().(*gorgonia.Node)
			cut = cut && !(learns[c] && reached[c])
		}
		switch a, own := n.Op().(*adapter); {
		case !cut:
		case !own:
			fmt.Fprintf(&out, "; stock operation %v has no gradient", n.Op())
		case a.path == "":
			fmt.Fprintf(&out, "; %s has no gradient", kindOf(a.op))
		default:
			fmt.Fprintf(&out, "; %s at %s has no gradient", kindOf(a.op), a.path)
		}
		return learns[n]
	}
	visit(loss)
	return out.String()
}

// reachable returns the nodes that n depends on through differentiable inputs;
// Gorgonia refuses to differentiate with respect to any other. If the way ends at
// an operation that has no gradient at all, it returns that as well: Gorgonia
// panics there, and a parameter seen through it alone would silently not learn.
func reachable(n *gorgonia.Node) (seen map[*gorgonia.Node]bool, end *gorgonia.Node) {
	sub := n.Graph().SubgraphRoots(n)
	seen = map[*gorgonia.Node]bool{}
	var visit func(n *gorgonia.Node)
	visit = func(n *gorgonia.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		it := sub.From(n.ID())
		op, ok := n.Op().(gorgonia.SDOp)
		if !ok {
			if it.Len() > 0 {
				end = n
			}
			return
		}
		diff := op.DiffWRT(it.Len())
		for k := 0; it.Next(); k++ {
			if k < len(diff) && diff[k] {
				visit(it.Node().(*gorgonia.Node))
			}
		}
	}
	visit(n)
	return seen, end
}
