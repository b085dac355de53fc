package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
)

// gradients declares the gradient of loss with respect to every parameter, by
// position in the model; nil for state and for parameters that the loss does
// not depend on.
func (b *builder) gradients(loss *Node) ([]*gorgonia.Node, error) {
	reached, end := reachable(loss.n)
	if end != nil {
		return nil, errors.Errorf("stock operation %v, which the loss depends on, has no gradient; want another operation, or a node of this module", end.Op())
	}
	out := make([]*gorgonia.Node, len(b.store.order))
	var wrt gorgonia.Nodes
	var at []int
	for i, w := range b.store.order {
		if n := b.weights[w.Name]; n != nil && w.Trainable && reached[n.n] {
			wrt = append(wrt, n.n)
			at = append(at, i)
		}
	}
	if len(wrt) == 0 {
		return out, nil
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
