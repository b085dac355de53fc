package graph

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// A Func declares a model: it returns the output for the input x.
type Func func(s *Scope, x *Node) *Node

// A Model is a built model: its weights, and the programs over them. Its
// methods may be called from several goroutines at once. Those of a model that is
// nil, or not from [Build], return errors and zero values.
type Model struct {
	fn     Func
	shape  Shape // of the input, as given to Build
	out    Shape
	dtype  tensor.Dtype
	seed   uint64
	direct bool
	frozen bool // see FromFrozen
	store  *store

	device   Device
	tf32     bool
	resident *resident // nil on the CPU

	// running is held for reading while a program runs and for writing while
	// weights change.
	running  sync.RWMutex
	version  atomic.Uint64 // of the weights
	step     atomic.Uint64
	programs programs // without a loss
}

// An Option adjusts [Build].
type Option func(*Model)

// Seed sets the seed of all randomness in the model: initial weights and
// masks. The default is 0.
func Seed(seed uint64) Option { return func(m *Model) { m.seed = seed } }

// Float64 makes all values float64 instead of float32, for checks of gradients.
func Float64() Option { return func(m *Model) { m.dtype = tensor.Float64 } }

// DirectConvolution computes every convolution by its definition. By default those
// of 3 by 3 or 5 by 5, or of 3 along one axis, and stride 1 are computed by
// Winograd's algorithm where that is faster: it makes fewer multiplications and
// larger rounding errors. The largest error among the elements of a layer's output,
// and of its gradients, stays under ten times that of the definition.
func DirectConvolution() Option { return func(m *Model) { m.direct = true } }

// Build declares the model for inputs of the given shape, whose first axis is
// the batch, and draws its weights. Later calls may use other batch sizes. The
// function runs again for each of them and for each mode; it must declare the
// same weights every time. Within it no model can be built, described or run at a new
// batch size: that is an error.
func Build(fn Func, shape Shape, opts ...Option) (*Model, error) {
	m := &Model{fn: fn, shape: shape.Clone(), dtype: tensor.Float32, store: newStore()}
	guard.Apply(m, opts)
	switch {
	case fn == nil:
		return nil, errors.New("graph.Build: the model function is nil")
	case shape.Dims() == 0:
		return nil, errors.New("graph.Build: the input shape is empty, want (batch, ...)")
	}
	for i, d := range shape {
		if d <= 0 {
			return nil, errors.Errorf("graph.Build: the input shape is %v; axis %d must be positive", shape, i)
		}
	}
	if err := checkSize(shape); err != nil {
		return nil, errors.WithMessage(err, "graph.Build: the input")
	}
	p, err := m.first()
	if err != nil {
		return nil, guard.At("graph.Build", err)
	}
	if err := m.store.untaken(); err != nil {
		return nil, guard.At("graph.Build", err)
	}
	m.store.closed = true
	m.out = p.y.Shape()
	return m, nil
}

// built returns an error for a model that Build did not return.
func (m *Model) built() error {
	if m == nil || m.fn == nil {
		return errors.New("the model is not built: use graph.Build")
	}
	return nil
}

// weights returns the parameters and the state in order of declaration.
func (m *Model) weights() []*weight {
	if m.built() != nil {
		return nil
	}
	return m.store.order
}

// declare runs the model function in a new graph.
func (m *Model) declare(mode Mode, shape Shape) (b *builder, x, y *Node, err error) {
	b = newBuilder(m.store, mode, m.dtype)
	b.seed, b.direct = m.seed, m.direct
	x = b.input(inputName, m.dtype, shape)
	m.running.RLock() // a scalar weight is bound by its value
	defer m.running.RUnlock()
	err = guard.Call("the model function", func() error {
		y = m.fn(&Scope{b: b, mode: mode}, x)
		return nil
	})
	switch {
	case b.err != nil: // it made the function panic, if it did
		return nil, nil, nil, b.err
	case err != nil:
		return nil, nil, nil, err
	case y == nil:
		return nil, nil, nil, errors.New("the model function returned nil, want a node")
	case y.b != b && y.b.err != nil: // a node function that got nil
		return nil, nil, nil, y.b.err
	case y.b != b:
		return nil, nil, nil, errors.New("the model function returned a node of another graph; declare all nodes inside it")
	case y.Dtype() != m.dtype:
		return nil, nil, nil, errors.Errorf("the model function returned a node of type %v, want %v", y.Dtype(), m.dtype)
	}
	return b, x, y, nil
}

// Shape returns the input shape given to [Build].
func (m *Model) Shape() Shape {
	if m == nil {
		return nil
	}
	return m.shape.Clone()
}

// shapeOf is the input shape of a batch of n.
func (m *Model) shapeOf(n int) Shape {
	shape := m.shape.Clone()
	shape[0] = n
	return shape
}

// OutputShape returns the shape of the output for an input of that shape.
func (m *Model) OutputShape() Shape {
	if m == nil {
		return nil
	}
	return m.out.Clone()
}

// Dtype returns the element type of the model.
func (m *Model) Dtype() tensor.Dtype {
	if m == nil {
		return tensor.Dtype{}
	}
	return m.dtype
}

// Seed returns the seed of the model.
func (m *Model) Seed() uint64 {
	if m == nil {
		return 0
	}
	return m.seed
}

// Step returns the number of the next training step, which its masks are drawn
// from.
func (m *Model) Step() uint64 {
	if m == nil {
		return 0
	}
	return m.step.Load()
}

// SetStep sets the number of the next training step, to resume a run or to
// repeat a mask.
func (m *Model) SetStep(step uint64) {
	if m != nil {
		m.step.Store(step)
	}
}

// Weights returns the parameters and the state in order of declaration.
func (m *Model) Weights() []Weight {
	weights := m.weights()
	if weights != nil {
		m.resident.tellLater(m.fetch())
		m.version.Add(1) // the caller may be about to write to them
	}
	out := make([]Weight, len(weights))
	for i, w := range weights {
		out[i] = w.Weight
	}
	return out
}

// Exclusively calls f while no program of the model runs. f must not call
// methods that run or lock the model (Predict, Update, export.SaveSafetensors):
// they would wait for f, for ever.
func (m *Model) Exclusively(f func() error) error {
	if err := m.built(); err != nil {
		return err
	}
	if m.frozen {
		return errors.New("the model is frozen: its weights can't change; build it without graph.FromFrozen to train it")
	}
	m.running.Lock()
	defer m.running.Unlock()
	if err := m.fetch(); err != nil {
		return err
	}
	m.version.Add(1)
	return guard.Call("the function", f)
}

// Predict returns the output for x, of shape (batch, ...) with any batch size,
// in [Eval] mode.
func (m *Model) Predict(x *tensor.Dense) (*tensor.Dense, error) {
	return m.forward(Eval, x, 0)
}

// Sample returns the output for x with dropout drawing: sample number draw in
// [MonteCarlo] mode. Equal draws give equal outputs; none uses the masks of a
// training step.
func (m *Model) Sample(x *tensor.Dense, draw uint64) (*tensor.Dense, error) {
	return m.forward(MonteCarlo, x, draw|1<<62)
}

func (m *Model) forward(mode Mode, x *tensor.Dense, step uint64) (y *tensor.Dense, err error) {
	err = m.ready(mode, x, step, func(p *program, mach *machine) error {
		if err := mach.run(nil); err != nil {
			return err
		}
		y = newDense(m.dtype, p.y.Shape())
		return errors.Wrap(tensor.Copy(y, mach.value(p.y.n)), "copying the output")
	})
	return y, err
}

// ready calls use with the program for x and a machine to run it, to which all that
// it needs is bound. The weights stay as they are meanwhile.
func (m *Model) ready(mode Mode, x *tensor.Dense, step uint64, use func(p *program, mach *machine) error) error {
	x, err := m.input(x)
	if err != nil {
		return err
	}
	p, err := m.programs.get(m, programKey{mode: mode}, x.Shape(), nil, nil)
	if err != nil {
		return err
	}
	mach, err := p.take()
	if err != nil {
		return err
	}
	defer p.give(mach)
	m.running.RLock()
	defer m.running.RUnlock()
	if err := p.bind(mach, x, nil, step, m.version.Load()); err != nil {
		return err
	}
	return use(p, mach)
}

// input checks x and converts it to the element type of the model.
func (m *Model) input(x *tensor.Dense) (*tensor.Dense, error) {
	if err := m.built(); err != nil {
		return nil, err
	}
	if x == nil {
		return nil, errors.New("the input is nil, want a tensor")
	}
	got := x.Shape()
	if got.Dims() != m.shape.Dims() || got[0] == 0 || !slices.Equal(got[1:], m.shape[1:]) {
		want := m.shape.Clone()
		want[0] = -1
		return nil, errors.Errorf("the input has shape %v, want %s with a batch of at least 1", got, strings.Replace(fmt.Sprint(want), "-1", "batch", 1))
	}
	y, err := convert(x, m.dtype)
	return y, errors.WithMessage(err, "the input")
}
