package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// gradients declares the gradient of loss with respect to every parameter, by
// position in the model; nil for state and for parameters that the loss does
// not depend on.
func (b *builder) gradients(loss *Node) ([]*gorgonia.Node, error) {
	reached := reachable(loss.n)
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
	grads, err := symbolic(loss.n, wrt)
	if b.err != nil {
		return nil, b.err // says more than Gorgonia's wrapping of it
	}
	for k, g := range grads {
		out[at[k]] = g
	}
	return out, err
}

// symbolic calls gorgonia.Grad, which panics on some graphs of stock ops.
func symbolic(loss *gorgonia.Node, wrt gorgonia.Nodes) (out gorgonia.Nodes, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("differentiating: panic: %v", r)
		}
	}()
	out, err = gorgonia.Grad(loss, wrt...)
	return out, errors.Wrap(err, "differentiating")
}

// reachable returns the nodes that n depends on through differentiable inputs;
// Gorgonia refuses to differentiate with respect to any other.
func reachable(n *gorgonia.Node) map[*gorgonia.Node]bool {
	sub := n.Graph().SubgraphRoots(n)
	seen := map[*gorgonia.Node]bool{}
	var visit func(n *gorgonia.Node)
	visit = func(n *gorgonia.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		op, ok := n.Op().(gorgonia.SDOp)
		if !ok {
			return
		}
		it := sub.From(n.ID())
		diff := op.DiffWRT(it.Len())
		for k := 0; it.Next(); k++ {
			if k < len(diff) && diff[k] {
				visit(it.Node().(*gorgonia.Node))
			}
		}
	}
	visit(n)
	return seen
}
