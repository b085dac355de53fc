package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Activations computes the batch of the last step or evaluation once more, with its
// masks and with the weights as they are now, and calls f with the output of each layer,
// in order: its path and its node as in [Model.Summary]. Layers that the program merges
// into the one after them are left out.
//
// y is valid during the call. The order of its elements is that of the program: channels
// may lie innermost. f must not call methods that lock the model, as in
// [Model.Exclusively]. The gradients of the step stay as they are.
func (t *Trainer) Activations(f func(path, node string, y *tensor.Dense) error) error {
	switch {
	case !t.done:
		return errors.New("no step to repeat: call Step first")
	case f == nil:
		return errors.New("the function is nil")
	}
	mach, err := t.p.take()
	if err != nil {
		return err
	}
	at := map[int]declared{}
	for _, l := range t.p.layers {
		if slot, used := t.p.plan.index[l.node.n]; used && t.p.plan.slots[slot].kind != absorbedSlot {
			at[slot] = l
		}
	}
	t.m.running.RLock()
	defer t.m.running.RUnlock()
	if err := t.p.bind(mach, t.x, t.t, t.step, t.m.version.Load()); err != nil {
		return err
	}
	all := errors.New("all layers were seen")
	left := len(at)
	err = mach.run(func(i *instr, y *tensor.Dense) error {
		l, ok := at[i.out]
		if !ok || i.stmt != noStmt {
			return nil
		}
		if err := guard.Call("the function", func() error { return f(l.node.path, l.String(), y) }); err != nil {
			return err
		}
		if left--; left == 0 { // what follows is the loss and the gradients
			return all
		}
		return nil
	})
	if err != nil && err != all {
		return err
	}
	t.p.give(mach)
	return nil
}
