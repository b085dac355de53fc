package graph

import (
	"runtime/debug"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// stock runs an op of Gorgonia's own by its Do, which returns a fresh value or
// one that shares an input's memory. Some ops transpose the headers of their
// inputs while they run, so each gets headers of its own: two machines may
// share a weight.
func (m *machine) stock(i *instr, args []*tensor.Dense) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("stock operation %v: panic: %v\n%s", i.op, r, debug.Stack())
		}
	}()
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
		copyDense(args[0], args[1])
		return nil
	}
	v, err := i.op.Do(in...)
	if err != nil {
		return errors.Wrapf(err, "stock operation %v", i.op)
	}
	y, err := toDense(v)
	if err != nil {
		return errors.WithMessagef(err, "stock operation %v", i.op)
	}
	m.vals[i.out] = contiguous(y)
	return nil
}

// contiguous returns d in row-major order without gaps, as our ops want it.
func contiguous(d *tensor.Dense) *tensor.Dense {
	if d.RequiresIterator() || !d.DataOrder().IsContiguous() || d.DataOrder().IsTransposed() || d.DataOrder().IsColMajor() {
		return d.Materialize().(*tensor.Dense)
	}
	return d
}
