package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// stock runs an op of Gorgonia's own by its Do, which returns a fresh value or
// one that shares an input's memory. Some ops transpose the headers of their
// inputs while they run, so each gets headers of its own: two machines may
// share a weight.
func (m *machine) stock(i *instr, args []*tensor.Dense) error {
	err := guard.Call("Do", func() error { return m.do(i, args) })
	if err != nil {
		return i.at(err)
	}
	return nil
}

func (m *machine) do(i *instr, args []*tensor.Dense) error {
	in := make([]gorgonia.Value, len(args))
	for j, a := range args {
		in[j] = fromDense(a)
		if d, tensorArg := in[j].(*tensor.Dense); tensorArg {
			in[j] = d.ShallowClone()
		}
	}
	switch i.stmt {
	case readStmt:
		v, err := gorgonia.CloneValue(in[0])
		if err != nil {
			return errors.Wrap(err, "reading a value")
		}
		*i.read = v
		return nil
	case letStmt: // gorgonia.Set(a, b)
		return errors.Wrap(tensor.Copy(args[0], args[1]), "setting a value")
	}
	if i.turn != nil { // machines share their ops
		i.turn.Lock()
		defer i.turn.Unlock()
	}
	v, err := i.stock.Do(in...)
	if err == nil {
		m.vals[i.out], err = stockValue(v, m.p.slots[i.out].shape)
	}
	return errors.WithStack(err)
}

// stockValue returns what a stock op computed as our ops want it, and in the
// shape that was inferred: some ops return one element as (1) in place of a
// scalar, or the other way round. A shape of another size stays: inference errs,
// and stock ops that read the value may not mind.
func stockValue(v gorgonia.Value, shape Shape) (*tensor.Dense, error) {
	y, err := toDense(v)
	if err != nil || sameShape(y.Shape(), shape) || y.Shape().TotalSize() != shape.TotalSize() {
		return y, err
	}
	return reshaped(y, shape)
}
