package graph

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ramp is a test op for (N, C, ...): y[n,c,...] = (c+1)·x[n,c,...], computed with
// channels last if it may.
type ramp struct{ last bool }

func (op ramp) String() string                     { return fmt.Sprintf("Ramp{last %v}", op.last) }
func (ramp) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op ramp) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	s := in[0].Shape()
	c, inner := s[1], spatialSize(s)
	if op.last {
		return Run([2]int{c, 1}, y, in, rampForward[float32], rampForward[float64])
	}
	return Run([2]int{c, inner}, y, in, rampForward[float32], rampForward[float64])
}
func rampForward[T kernel.Float](cs [2]int, y []T, in [][]T) {
	for i, v := range in[0] {
		y[i] = v * T(i/cs[1]%cs[0]+1)
	}
}
func (op ramp) Backward(_ []*Node, y, dy *Node) []*Node {
	return []*Node{y.Layer("Ramp").Apply(op, dy)}
}
func (ramp) ChannelsLast(...Shape) LastLayout {
	return LastLayout{Op: ramp{last: true}, In: []bool{true}, Out: true}
}

// square follows the order of its input. It takes over a ramp before it.
type square struct{}

func (square) String() string                        { return "Square" }
func (square) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op square) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return times{}.Forward(y, in[0], in[0])
}
func (square) ChannelsLast(...Shape) LastLayout {
	return LastLayout{Op: square{}, In: []bool{true}, Out: true, Follow: true}
}
func (square) Absorb(_ int, by Op) (Op, bool) {
	r, ok := by.(ramp)
	return rampSquare{r}, ok
}

// rampSquare is square after ramp.
type rampSquare struct{ ramp }

func (op rampSquare) String() string { return fmt.Sprintf("RampSquare{last %v}", op.last) }
func (op rampSquare) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	if err := op.ramp.Forward(y, in...); err != nil {
		return err
	}
	return times{}.Forward(y, y, y)
}
func (op rampSquare) ChannelsLast(...Shape) LastLayout {
	return LastLayout{Op: rampSquare{ramp{last: true}}, In: []bool{true}, Out: true}
}

// ops returns the names of what a program runs.
func ops(t *testing.T, m *Model) (names []string) {
	t.Helper()
	p, err := m.programs.get(m, programKey{mode: Eval}, m.shape, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := range p.plan.instrs {
		names = append(names, p.plan.instrs[k].name())
	}
	return names
}

func predictFlat(t *testing.T, m *Model, x *tensor.Dense) []float64 {
	t.Helper()
	y, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if y, err = convert(y, tensor.Float64); err != nil {
		t.Fatal(err)
	}
	return y.Float64s()
}

// In float32 a program computes with channels last from the first op that wants
// it to the first that cannot, and converts only there.
func TestLayoutChangesAtBorders(t *testing.T) {
	net := func(s *Scope, x *Node) *Node {
		a := s.Apply(ramp{}, x)
		b := s.Apply(square{}, s.Apply(square{}, a))
		c := s.Apply(times{}, b, b) // knows no channels
		return s.Apply(square{}, s.Apply(sum{}, c, s.Apply(ramp{}, b)))
	}
	x := random(1, 2, 3, 4, 5)
	fast, exact := build(t, net, x.Shape()), build(t, net, x.Shape(), Float64())
	// Of the first two squares one takes over the ramp.
	want := []string{"ToLast", "RampSquare", "Square", "ToFirst", "Times", "Ramp", "ToLast", "Sum", "Square", "ToFirst"}
	if got := ops(t, fast); !slices.Equal(got, want) {
		t.Errorf("in float32 the program runs %v, want %v", got, want)
	}
	for _, name := range ops(t, exact) {
		if strings.HasPrefix(name, "To") {
			t.Errorf("in float64 the program converts: %v", ops(t, exact))
		}
	}
	got, ideal := predictFlat(t, fast, x), predictFlat(t, exact, x)
	for i, w := range ideal {
		if d := got[i] - w; d > 1e-5*(1+w) || d < -1e-5*(1+w) { // some roundings of float32
			t.Fatalf("element %d is %v, want %v", i, got[i], w)
		}
	}
}

// With one channel or one position both orders are the same, and nothing is
// converted.
func TestLayoutsThatAreTheSame(t *testing.T) {
	net := func(s *Scope, x *Node) *Node { return s.Apply(times{}, s.Apply(ramp{}, x), x) }
	for _, shape := range []Shape{{2, 1, 4, 5}, {2, 3, 1, 1}} {
		if got, want := ops(t, build(t, net, shape)), []string{"Ramp", "Times"}; !slices.Equal(got, want) {
			t.Errorf("for shape %v the program runs %v, want %v", shape, got, want)
		}
	}
}

// A value that another op reads as well, or that is read from outside, is not
// taken over.
func TestAbsorbLeavesWhatOthersNeed(t *testing.T) {
	for _, c := range []struct {
		name string
		net  Func
		want []string
	}{
		{"taken over", func(s *Scope, x *Node) *Node { return s.Apply(square{}, s.Apply(ramp{}, x)) }, []string{"RampSquare"}},
		{"read twice", func(s *Scope, x *Node) *Node {
			r := s.Apply(ramp{}, x)
			return s.Apply(times{}, s.Apply(square{}, r), r)
		}, []string{"Ramp", "Square", "Times"}},
		{"the output", func(s *Scope, x *Node) *Node {
			r := s.Apply(ramp{}, x)
			s.Apply(square{}, r)
			return r
		}, []string{"Ramp"}},
	} {
		m := build(t, c.net, Shape{2, 3}, Float64())
		if got := ops(t, m); !slices.Equal(got, c.want) {
			t.Errorf("%s: the program runs %v, want %v", c.name, got, c.want)
		}
	}
}

// gain is a test op in two steps: the first depends on the weight alone.
type gain struct{ made *counter }

// counter counts calls from several goroutines.
type counter struct {
	mu sync.Mutex
	n  int
}

func (gain) String() string                        { return "Gain" }
func (gain) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op gain) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return times{}.Forward(y, in[0], in[1])
}
func (op gain) Backward(in []*Node, y, dy *Node) []*Node {
	s := y.Layer("GainGrad")
	return []*Node{s.Apply(times{}, in[1], dy), s.Apply(times{}, in[0], dy)}
}
func (op gain) Split(bool, ...Shape) []Part {
	return []Part{{doubled(op), []int{1}}, {halfTimes{}, []int{0, 2}}}
}

type doubled struct{ made *counter }

func (doubled) String() string                        { return "Doubled" }
func (doubled) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op doubled) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	op.made.mu.Lock()
	op.made.n++
	op.made.mu.Unlock()
	for i, v := range in[0].Float32s() {
		y.Float32s()[i] = 2 * v
	}
	return nil
}

type halfTimes struct{}

func (halfTimes) String() string                        { return "HalfTimes" }
func (halfTimes) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (halfTimes) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, v := range in[0].Float32s() {
		y.Float32s()[i] = v * in[1].Float32s()[i] / 2
	}
	return nil
}

// What is made of the weights alone is made once, and again after they changed,
// by an update or from outside, also while predictions run.
func TestWeightsArePreparedOnce(t *testing.T) {
	var made counter
	m := build(t, func(s *Scope, x *Node) *Node {
		return s.Apply(gain{&made}, x, s.Param("weight", Shape{1, 3}, Constant(3)))
	}, Shape{1, 3})
	check := func(when string, want float32, times int) {
		t.Helper()
		y, err := m.Predict(vec(1, 2, 3))
		if err != nil {
			t.Fatal(err)
		}
		if got := y.Float32s(); !slices.Equal(got, []float32{want, 2 * want, 3 * want}) {
			t.Errorf("%s: got %v, want %v times 1, 2, 3", when, got, want)
		}
		if made.n != times {
			t.Errorf("%s: the weights were prepared %d times, want %d", when, made.n, times)
		}
	}
	check("at first", 3, 1)
	check("once more", 3, 1)

	w := m.Weights()[0].Value.Float32s()
	w[0], w[1], w[2] = 5, 5, 5
	check("after Weights", 5, 2)

	if err := m.Exclusively(func() error { w[0], w[1], w[2] = 7, 7, 7; return nil }); err != nil {
		t.Fatal(err)
	}
	check("after Exclusively", 7, 3)

	tr := m.Trainer(func(y, _ *Node) *Node { return y.Layer("Total").Apply(total{}, y) })
	made.n = 0
	for range 3 {
		if _, err := tr.Step(vec(1, 1, 1), vec(0)); err != nil {
			t.Fatal(err)
		}
		if err := tr.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1))); err != nil {
			t.Fatal(err)
		}
	}
	if made.n != 3 {
		t.Errorf("3 training steps prepared the weights %d times", made.n)
	}
	check("after three updates", 4, 4)

	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				y, err := m.Predict(vec(1, 1, 1))
				if err != nil {
					t.Error(err)
					return
				}
				if got := y.Float32s(); got[0] != got[1] || got[1] != got[2] {
					t.Errorf("a prediction saw two versions of the weights: %v", got)
				}
			}
		})
	}
	for k := range 50 {
		if err := m.Exclusively(func() error {
			for i := range w {
				w[i] = float32(k)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		m.Weights()
	}
	group.Wait()
}

// A step that reads what is not there is an error of the op, at its node.
type badSplit struct{ gain }

func (badSplit) Split(bool, ...Shape) []Part { return []Part{{halfTimes{}, []int{0, 2}}} }

func TestSplitErrorsNameTheNode(t *testing.T) {
	_, err := Build(func(s *Scope, x *Node) *Node { return s.In("bad").Apply(badSplit{}, x, x) }, Shape{1, 3})
	if want := "bad: Gain: step 0 of Gain reads value 2, want one of 2"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// The gradient of a node with several readers is summed by this package.
func TestGradientsAreSummedByOwnOp(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		w := s.Param("weight", Shape{1, 3}, Constant(2))
		return s.Apply(times{}, s.Apply(times{}, w, x), s.Apply(times{}, w, w)) // x·w³
	}, Shape{1, 3})
	tr := m.Trainer(func(y, _ *Node) *Node { return y.Layer("Total").Apply(total{}, y) })
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	if got := tr.Gradients()[0].Value.Float32s(); !slices.Equal(got, []float32{12, 24, 36}) {
		t.Errorf("the gradient is %v, want 3·w²·x = [12 24 36]", got)
	}
	for k := range tr.p.plan.instrs {
		if i := &tr.p.plan.instrs[k]; i.own == nil {
			t.Errorf("the program runs the stock operation %v", i.stock)
		}
	}
}

func TestProfile(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	if _, err := tr.Profile(); err == nil {
		t.Error("a profile without a step: no error")
	}
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	step, err := tr.Profile()
	if err != nil {
		t.Fatal(err)
	}
	prediction, err := m.Profile(vec(1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	if len(step) <= len(prediction) || len(prediction) == 0 {
		t.Errorf("a step has %d operations and a prediction %d", len(step), len(prediction))
	}
	var b strings.Builder
	if err := prediction.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GFLOP/s", "a Times", "total"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
