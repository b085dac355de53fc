package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Loss is a scalar function of the output of a model and of the target.
type Loss func(y, target *Node) *Node

// A Trainer computes a loss and its gradients and updates a model. One trainer
// belongs to one goroutine.
type Trainer struct {
	m        *Model
	loss     Loss
	mode     Mode
	freezing []string
	pieces   *pieces // nil without
	err      error   // of the options
	programs programs

	// of the last call
	p      *program
	mach   *machine
	params []gorgonia.ValueGrad // in mach; nil if not asked for yet
	there  []deviceParam        // the same on a CUDA device
	given  []cuda.Parameter     // of them, for the solver
	x, t   *tensor.Dense
	step   uint64
	done   bool // it did not fail
}

// A TrainerOption adjusts [Model.Trainer].
type TrainerOption func(*Trainer)

// InMode makes the steps of a trainer run in another mode than [Train]: in
// [Eval], for instance, to tune weights with dropout off and the running
// statistics of batch norm frozen.
func InMode(mode Mode) TrainerOption { return func(t *Trainer) { t.mode = mode } }

// A Result is what one step or evaluation computed.
type Result struct {
	// Loss includes the penalties of the model in Train mode.
	Loss float64
	// Output is the model's output, valid until the trainer's next call.
	Output *tensor.Dense
}

// A Gradient is the derivative of the loss with respect to one parameter.
type Gradient struct {
	Name string
	// Value is nil if the loss does not depend on the parameter, or if it is frozen. It
	// is valid until the trainer's next call.
	Value *tensor.Dense
}

// Trainer returns a trainer for the loss.
func (m *Model) Trainer(loss Loss, opts ...TrainerOption) *Trainer {
	t := &Trainer{m: m, loss: loss, mode: Train}
	guard.Apply(t, opts)
	t.programs.frozen, t.err = m.frozenBy(t.freezing)
	if t.err == nil && t.pieces != nil && t.pieces.most < 1 {
		t.err = errors.Errorf("graph.InPieces: n is %d, want at least 1", t.pieces.most)
	}
	return t
}

// Step computes the loss of a batch and its gradients, at the model's next step
// number. It changes no weight: call [Trainer.Update] for that. A batch that is
// refused takes no number. A loss that depends on no parameter is an error.
//
// Targets of type float32 and float64 are converted to the type of the model,
// class indices of type int64, int32 and uint8 to int.
func (t *Trainer) Step(x, target *tensor.Dense) (Result, error) {
	return t.run(programKey{mode: t.mode, grads: true}, x, target)
}

// Evaluate computes the loss of a batch in [Eval] mode, without gradients or
// penalties.
func (t *Trainer) Evaluate(x, target *tensor.Dense) (Result, error) {
	return t.run(programKey{mode: Eval}, x, target)
}

func (t *Trainer) run(key programKey, x, target *tensor.Dense) (Result, error) {
	t.done = false
	if t.pieces != nil {
		t.pieces.used = false
	}
	if t.loss == nil {
		return Result{}, errors.New("the loss is nil, want one such as nodes.CrossEntropy()")
	}
	x, err := t.m.input(x)
	if err != nil {
		return Result{}, err
	}
	if t.err != nil {
		return Result{}, t.err
	}
	if target, err = t.target(x, target); err != nil {
		return Result{}, err
	}
	if key.grads && t.pieces != nil && x.Shape()[0] > t.pieces.most {
		return t.stepInPieces(x, target)
	}
	if err := t.load(key, x, target); err != nil {
		return Result{}, err
	}
	t.x, t.t, t.step = x, target, 0
	if key.grads {
		t.step = t.m.step.Add(1) - 1
	}
	t.m.running.RLock()
	defer t.m.running.RUnlock()
	if err := t.exec(nil); err != nil {
		return Result{}, err
	}
	t.done = true
	return Result{Loss: scalar(t.mach.value(t.p.loss.n)), Output: t.mach.value(t.p.y.n)}, nil
}

// load makes the program for a batch ready to run. That of the last call mostly
// is.
func (t *Trainer) load(key programKey, x, target *tensor.Dense) error {
	if t.p != nil && t.p.serves(key, x, target) {
		return nil
	}
	p, err := t.programs.get(t.m, key, x.Shape(), t.loss, target)
	if err != nil {
		return err
	}
	mach, err := p.take()
	if err != nil {
		return err
	}
	if t.p != nil {
		t.p.give(t.mach)
	}
	t.p, t.mach, t.params, t.there, t.given = p, mach, nil, nil, nil
	return nil
}

func (t *Trainer) exec(check func(*instr, *tensor.Dense) error) error {
	if err := t.p.bind(t.mach, t.x, t.t, t.step, t.m.version.Load()); err != nil {
		return err
	}
	return t.mach.run(check)
}

// target checks the target and converts it: floating-point ones to the element
// type of the model, integers to int.
func (t *Trainer) target(x, target *tensor.Dense) (*tensor.Dense, error) {
	switch {
	case target == nil:
		return nil, errors.New("the target is nil")
	case target.Dims() == 0 || target.Shape()[0] != x.Shape()[0]:
		return nil, errors.Errorf("the target has shape %v, want %d samples as the input", target.Shape(), x.Shape()[0])
	}
	dt := t.m.dtype
	switch target.Dtype() {
	case tensor.Int, tensor.Int64, tensor.Int32, tensor.Uint8:
		dt = tensor.Int
	case tensor.Float32, tensor.Float64:
	default:
		return nil, errors.Errorf("the target has type %v, want class indices of type int (a tensor over []int) or values of type %v", target.Dtype(), dt)
	}
	target, err := convert(target, dt)
	return target, errors.WithMessage(err, "the target")
}

// Gradients returns the gradients of the last step, in order of declaration.
func (t *Trainer) Gradients() []Gradient {
	var out []Gradient
	for i, w := range t.m.weights() {
		if w.Trainable {
			out = append(out, Gradient{w.Name, t.gradient(i)})
		}
	}
	return out
}

func (t *Trainer) gradient(i int) *tensor.Dense {
	if !t.done || t.p.grads == nil || t.p.grads[i] == nil {
		return nil
	}
	if t.inPieces() {
		return t.pieces.grads[i]
	}
	return t.mach.value(t.p.grads[i])
}

// Params returns the parameters that the loss depends on, without frozen ones, with the
// gradients of the last step, as a solver wants them: always the same ones in the same
// order.
func (t *Trainer) Params() []gorgonia.ValueGrad {
	if !t.done {
		return nil
	}
	params := &t.params
	if t.inPieces() {
		params = &t.pieces.params
	}
	if *params == nil {
		for i, w := range t.m.weights() {
			if g := t.gradient(i); g != nil {
				*params = append(*params, param{w, g})
			}
		}
	}
	return *params
}

// param is a parameter and its gradient.
type param struct {
	w    *weight
	grad *tensor.Dense
}

func (p param) Name() string                  { return p.w.Name }
func (p param) Value() gorgonia.Value         { return p.w.Value }
func (p param) Grad() (gorgonia.Value, error) { return p.grad, nil }

// Update applies the last step: the solver changes the parameters, constraints
// are projected, and running statistics take their next values.
func (t *Trainer) Update(solver gorgonia.Solver) error {
	switch {
	case !t.done || t.p.grads == nil:
		return errors.New("no step to apply: call Step before Update")
	case solver == nil:
		return errors.New("the solver is nil, want one such as train.Adam(1e-3)")
	}
	if t.m.resident != nil {
		return t.updateOnDevice(solver)
	}
	return t.m.Exclusively(func() error {
		if err := guard.Call("the solver", func() error { return solver.Step(t.Params()) }); err != nil {
			return errors.WithMessage(err, "updating the parameters")
		}
		for _, p := range t.p.projections {
			if err := guard.Call("a constraint", p.project); err != nil {
				return err
			}
		}
		for _, a := range t.p.assigns {
			if t.inPieces() {
				copyInto(a.state.Value, t.pieces.states[a.state])
			} else {
				copyInto(a.state.Value, t.mach.value(a.value.n))
			}
		}
		return nil
	})
}

// NonFinite repeats the last step or evaluation and returns an error that names
// the first value which is NaN or infinite, nil if all are finite.
func (t *Trainer) NonFinite() error {
	if !t.done {
		return errors.New("no step to repeat: call Step first")
	}
	if t.inPieces() {
		return t.eachPiece(t.lookForNonFinite, func(int, int) error { return nil })
	}
	t.m.running.RLock()
	defer t.m.running.RUnlock()
	return t.lookForNonFinite()
}

func (t *Trainer) lookForNonFinite() error {
	if err := t.finiteInputs(); err != nil {
		return err
	}
	return t.exec(t.p.plan.nonFinite)
}

// finiteInputs looks for the fault in what goes into a program.
func (t *Trainer) finiteInputs() error {
	if err := finite(t.x); err != nil {
		return errors.WithMessage(err, "the input")
	}
	if err := finite(t.t); err != nil {
		return errors.WithMessage(err, "the target")
	}
	for _, w := range t.p.weights {
		if err := t.m.fetch(w); err != nil {
			return err
		}
		if err := finite(w.Value); err != nil {
			return errors.WithMessage(err, w.Name)
		}
	}
	return nil
}

func scalar(d *tensor.Dense) float64 {
	if d.Dtype() == tensor.Float32 {
		return float64(d.Float32s()[0])
	}
	return d.Float64s()[0]
}
