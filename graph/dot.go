package graph

import (
	"fmt"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// DOT writes the graph of a prediction in Graphviz's language: boxes are ops
// with their path and output shape, ellipses are the input and the weights.
// Draw it with
//
//	dot -Tsvg model.dot > model.svg
func (m *Model) DOT(w io.Writer) error {
	if err := m.built(); err != nil {
		return err
	}
	if w == nil {
		return errors.New("writing the graph: the writer is nil")
	}
	p, err := m.asDeclared()
	if err != nil {
		return err
	}
	out := &writer{w: w}
	out.printf("digraph model {\n\trankdir=TB;\n\tnode [fontname=\"sans-serif\" fontsize=10];\n")
	for id, s := range p.slots {
		label, shape := s.node.Name(), "ellipse"
		if op := s.node.Op(); op != nil {
			shape = "box"
			label = op.String()
			if a, own := op.(*adapter); own {
				label = a.path + "\n" + label
			}
		}
		out.printf("\tn%d [shape=%s label=%q];\n", id, shape, fmt.Sprintf("%s\n%v", label, s.node.Shape()))
	}
	for _, i := range p.instrs {
		for _, in := range i.in {
			out.printf("\tn%d -> n%d;\n", in, i.out)
		}
	}
	out.printf("}\n")
	return errors.Wrap(out.err, "writing the graph")
}

// asDeclared lists the nodes of a prediction as the model function declares them.
func (m *Model) asDeclared() (p *plan, err error) {
	err = alone(func() error {
		b, _, y, err := m.declare(Eval, m.shape)
		if err != nil {
			return err
		}
		p, err = trace(b.graph, []*gorgonia.Node{y.n})
		return err
	})
	return p, err
}

// writer keeps the first error.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}
