package graph

import (
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// InPieces makes [Trainer.Step] compute a batch of more than n samples in equal pieces of
// at most n, one after the other, so that a step of any size takes the memory of n
// samples. The loss and the gradients are the means over the pieces, weighted by their
// samples: those of the whole batch, up to rounding, if the loss is a mean over samples
// and no node looks across them. n ≥ 1.
//
// Batch normalisation sees one piece at a time, and its running statistics take a step
// for each. So do masks and the schedules of their rates: every piece has a step number of
// its own. A loss that sums becomes the mean of the sums, and one that ignores samples or
// weights classes the mean of means that may count differently.
//
// The output of a step is that of the pieces joined along the first axis, along which the
// samples must lie. [Trainer.Activations] and [Trainer.Profile] see the last piece.
func InPieces(n int) TrainerOption { return func(t *Trainer) { t.pieces = &pieces{most: n} } }

// pieces is what a trainer keeps of a step that it makes in pieces.
type pieces struct {
	most int
	used bool // by the last call

	x, t   *tensor.Dense   // the batch
	first  uint64          // the number of the first piece
	parts  map[int]*part   // by samples
	grads  []*tensor.Dense // by the number of the weight
	scaled []*tensor.Dense // room for a share of each
	params []gorgonia.ValueGrad
	states map[*weight]*tensor.Dense // as the pieces so far leave them
	output *tensor.Dense
}

// stepInPieces makes a step of a batch that has been checked.
func (t *Trainer) stepInPieces(x, target *tensor.Dense) (Result, error) {
	pc := t.pieces
	pc.x, pc.t = x, target
	count, n := pc.count(), x.Shape()[0]
	for _, size := range []int{n / count, (n + count - 1) / count} { // a batch that is refused takes no number
		p := pc.part(size)
		if err := t.load(programKey{mode: t.mode, grads: true}, p.x, p.t); err != nil {
			return Result{}, err
		}
	}
	pc.first = t.m.step.Add(uint64(count)) - uint64(count)
	var loss float64
	err := t.eachPiece(func() error { return t.exec(nil) }, func(lo, hi int) error {
		share := float64(hi-lo) / float64(n)
		loss += share * scalar(t.mach.value(t.p.loss.n))
		t.addGradients(share, lo == 0)
		return pc.join(t.mach.value(t.p.y.n), lo, hi)
	})
	if err != nil {
		return Result{}, err
	}
	t.done, pc.used = true, true
	return Result{Loss: loss, Output: pc.output}, nil
}

// count returns the number of pieces of the batch.
func (pc *pieces) count() int { return (pc.x.Shape()[0] + pc.most - 1) / pc.most }

// eachPiece runs the pieces of the batch, with states of their own, and calls then after
// each.
func (t *Trainer) eachPiece(run func() error, then func(lo, hi int) error) error {
	pc := t.pieces
	n, count := pc.x.Shape()[0], pc.count()
	for i := range count {
		lo, hi := i*n/count, (i+1)*n/count
		p := pc.part(hi - lo)
		copyRows(p.x, pc.x, lo)
		copyRows(p.t, pc.t, lo)
		if err := t.load(programKey{mode: t.mode, grads: true}, p.x, p.t); err != nil {
			return err
		}
		t.x, t.t, t.step = p.x, p.t, pc.first+uint64(i)
		if err := t.runPiece(i == 0, run); err != nil {
			return ofPiece(err, lo, hi)
		}
		if err := then(lo, hi); err != nil {
			return err
		}
	}
	return nil
}

// runPiece runs a piece on the states that those before it left.
func (t *Trainer) runPiece(first bool, run func() error) error {
	pc := t.pieces
	t.m.running.RLock()
	defer t.m.running.RUnlock()
	for _, a := range t.p.assigns {
		switch own := pc.states[a.state]; {
		case own == nil:
			if pc.states == nil {
				pc.states = map[*weight]*tensor.Dense{}
			}
			own = newDense(a.state.Value.Dtype(), a.state.Value.Shape())
			pc.states[a.state] = own
			fallthrough
		case first:
			if err := t.m.fetch(a.state); err != nil {
				return err
			}
			copyInto(own, a.state.Value)
		}
	}
	t.bindStates(true)
	defer t.bindStates(false)
	if err := run(); err != nil {
		return err
	}
	for _, a := range t.p.assigns {
		copyInto(pc.states[a.state], t.mach.value(a.value.n))
	}
	return nil
}

// bindStates makes the machine read the states of the pieces, or those of the model.
func (t *Trainer) bindStates(own bool) {
	for i, w := range t.p.weights {
		if state := t.pieces.states[w]; state != nil && own {
			t.mach.bind(t.p.nodes[i], state)
		} else if state != nil {
			t.mach.bind(t.p.nodes[i], w.Value)
		}
	}
}

// addGradients adds a share of those of a piece. Parameters may have one gradient in
// common, so that it can't be scaled where it lies.
func (t *Trainer) addGradients(share float64, first bool) {
	pc := t.pieces
	if pc.grads == nil {
		pc.grads, pc.scaled = make([]*tensor.Dense, len(t.p.grads)), make([]*tensor.Dense, len(t.p.grads))
	}
	for i, node := range t.p.grads {
		if node == nil {
			continue
		}
		g := t.mach.value(node)
		if pc.grads[i] == nil {
			pc.grads[i], pc.scaled[i] = newDense(g.Dtype(), g.Shape()), newDense(g.Dtype(), g.Shape())
		}
		if g.Dtype() == tensor.Float32 {
			addShare(pc.grads[i].Float32s(), pc.scaled[i].Float32s(), g.Float32s(), share, first)
		} else {
			addShare(pc.grads[i].Float64s(), pc.scaled[i].Float64s(), g.Float64s(), share, first)
		}
	}
}

func addShare[T kernel.Float](sum, scaled, g []T, share float64, first bool) {
	if first {
		kernel.Scale(sum, g, share)
		return
	}
	kernel.Scale(scaled, g, share)
	kernel.Add(sum, sum, scaled)
}

// inPieces says whether the last step was.
func (t *Trainer) inPieces() bool { return t.pieces != nil && t.pieces.used }
