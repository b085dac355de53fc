package graph

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// picky is a test op that accepts no shape.
type picky struct{ times }

func (picky) InferShape(in ...Shape) (Shape, error) {
	return nil, fmt.Errorf("x has shape %v, want none at all", in[0])
}

// vast is a test op whose output has 2⁶⁴ elements: as an int, none.
type vast struct{ times }

func (vast) InferShape(...Shape) (Shape, error) { return Shape{1 << 32, 1 << 32}, nil }

func TestBuildReportsMistakes(t *testing.T) {
	id := func(s *Scope, x *Node) *Node { return x }
	var foreign *Node
	build(t, func(_ *Scope, y *Node) *Node { foreign = y; return y }, Shape{1})
	for _, c := range []struct {
		name  string
		f     Func
		shape Shape
		want  string
	}{
		{"nil function", nil, Shape{1}, "model function is nil"},
		{"no shape", id, nil, "input shape is empty"},
		{"zero batch", id, Shape{0, 2}, "axis 0 must be positive"},
		{"huge input", id, Shape{1 << 40, 1 << 40}, "graph.Build: the input: the shape is (1099511627776, 1099511627776), want at most 2⁴⁰ elements"},
		{"nil output", func(*Scope, *Node) *Node { return nil }, Shape{1}, "returned nil"},
		{"panic", func(s *Scope, x *Node) *Node { var a []int; _ = a[3]; return x }, Shape{1}, "model function panicked: runtime error: index out of range"},
		{"first of two", func(s *Scope, x *Node) *Node {
			s.In("block1").In("drop").Layer("Dropout").Errorf("p is 2, want 0 ≤ p ≤ 1")
			return s.In("later").Layer("Linear").Errorf("never seen")
		}, Shape{1}, "graph.Build: block1.drop: Dropout: p is 2, want 0 ≤ p ≤ 1"},
		{"shape", func(s *Scope, x *Node) *Node { return s.In("a").Apply(picky{}, x) }, Shape{1, 2}, "a: Times: x has shape (1, 2), want none"},
		{"size", func(s *Scope, x *Node) *Node { return s.In("a").Apply(vast{}, x, x) }, Shape{1}, "a: Times: the shape is (4294967296, 4294967296), want at most 2⁴⁰ elements"},
		{"nil input", func(s *Scope, x *Node) *Node { return s.In("a").Apply(times{}, x, nil) }, Shape{1}, "a: Times: input 1 is nil"},
		{"nil node", func(s *Scope, x *Node) *Node {
			var none *Node
			return none.Layer("ReLU").Apply(times{}, none, none)
		}, Shape{1}, "ReLU: x is nil, want a node"},
		{"first input nil", func(s *Scope, x *Node) *Node {
			var none *Node
			return s.In("a").Apply(times{}, x, none.Layer("Add", x).Apply(times{}, none, x))
		}, Shape{1}, "graph.Build: add#1: Add: input 0 is nil, want a node"},
		{"nil, then a panic", func(s *Scope, x *Node) *Node {
			s.In("a").Layer("Crop", nil)
			return s.Ints(Shape{(*Node)(nil).Shape()[0]}, []int{1})
		}, Shape{1}, "graph.Build: a: Crop: x is nil, want a node"},
		{"of a nil node", func(s *Scope, x *Node) *Node {
			var none *Node
			y := none.Layer("ReLU").Apply(times{}, none, none)
			s.In("conv").Layer("Conv", y).Errorf("x has shape %v", y.Shape())
			return x
		}, Shape{1}, "graph.Build: conv: Conv: ReLU: x is nil, want a node"},
		{"nil scope", func(s *Scope, x *Node) *Node {
			var none *Scope
			return none.Layer("Linear", x).Apply(times{}, x, x)
		}, Shape{1}, "graph.Build: Linear: the scope is nil, want that of the model or of a part of it"},
		{"part of a nil scope", func(s *Scope, x *Node) *Node {
			var none *Scope
			return s.In("a").Apply(times{}, x, none.In("block").Layer("Linear", x).Apply(times{}, x, x))
		}, Shape{1}, "graph.Build: a: Times: block: the scope is nil, want that of the model or of a part of it"},
		{"twice", func(s *Scope, x *Node) *Node {
			s.In("fc").Param("weight", Shape{1}, Zeros())
			s.In("fc").Param("weight", Shape{1}, Zeros())
			return x
		}, Shape{1}, "fc: fc.weight is declared twice"},
		{"bad shape", func(s *Scope, x *Node) *Node { s.Param("w", Shape{2, 0}, Zeros()); return x }, Shape{1}, "axis 1 must be positive"},
		{"huge", func(s *Scope, x *Node) *Node { s.Param("w", Shape{1 << 31, 1 << 31}, Zeros()); return x }, Shape{1}, "w: the shape is (2147483648, 2147483648), want at most 2⁴⁰ elements"},
		{"bad initialiser", func(s *Scope, x *Node) *Node { s.Param("w", Shape{2}, KaimingNormal(1)); return x }, Shape{1}, "initialising w: KaimingNormal: shape is (2)"},
		{"another graph", func(s *Scope, x *Node) *Node {
			return s.Apply(times{}, x, foreign)
		}, Shape{1}, "belongs to another graph"},
		{"lift", func(s *Scope, x *Node) *Node {
			return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Reshape(in[0], Shape{5}) }, x)
		}, Shape{1, 2}, "lift#1: Lift: "},
		{"NaN", func(s *Scope, x *Node) *Node {
			return s.In("fc").Param("weight", Shape{2}, Values([]float64{math.NaN(), 1}))
		}, Shape{1}, "initialising fc.weight: element 0 of 2 is NaN"},
		{"too large for float32", func(s *Scope, x *Node) *Node { return s.Param("w", Shape{1}, Constant(1e300)) }, Shape{1}, "initialising w: element 0 of 1 is +Inf"},
		{"control character", func(s *Scope, x *Node) *Node { return s.In("a\nb").Apply(times{}, x, x) }, Shape{1}, `the name of a scope is "a\nb"; want no control characters, and no white space at its ends`},
		{"space", func(s *Scope, x *Node) *Node { return s.In("fc ").Apply(times{}, x, x) }, Shape{1}, `the name of a scope is "fc "`},
		{"empty name", func(s *Scope, x *Node) *Node { return s.In("").Apply(times{}, x, x) }, Shape{1}, "name of a scope is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Build(c.f, c.shape)
			if err == nil || m != nil {
				t.Fatalf("got a model and error %v, want %q", err, c.want)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want %q in it", err, c.want)
			}
		})
	}
}

func TestErrorShowsTheLineOfTheModel(t *testing.T) {
	_, err := Build(func(s *Scope, x *Node) *Node {
		return s.In("a").Errorf("wrong")
	}, Shape{1})
	if long := fmt.Sprintf("%+v", err); !strings.Contains(long, "errors_test.go:") || !strings.Contains(long, "TestErrorShowsTheLineOfTheModel") {
		t.Errorf("%%+v does not show the line of the model:\n%s", long)
	}
}

func TestRunReportsMistakes(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	long := tensor.New(tensor.WithShape(1, 4), tensor.WithBacking(make([]float32, 4)))
	bools := tensor.New(tensor.WithShape(1, 3), tensor.Of(tensor.Bool))
	for name, x := range map[string]*tensor.Dense{
		"the input is nil": nil,
		"the input has shape (1, 4), want (batch, 3)":                    long,
		"element type is bool, want float32, float64 or one of integers": bools,
	} {
		if _, err := m.Predict(x); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
	tr := m.Trainer(squareLoss)
	for want, target := range map[string]*tensor.Dense{
		"the target is nil":                           nil,
		"the target has shape (2, 1), want 1 samples": tensor.New(tensor.WithShape(2, 1), tensor.Of(tensor.Float32)),
		"the target has type bool, want class indices of type int (a tensor over []int) or values of type float32": tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Bool)),
	} {
		if _, err := tr.Step(vec(1, 2, 3), target); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := tr.Update(gorgonia.NewVanillaSolver()); err == nil {
		t.Error("an update without a step: no error")
	}
	for want, loss := range map[string]Loss{
		"the loss is nil":                 nil,
		"returned nil":                    func(y, t *Node) *Node { return nil },
		"has shape (1, 3), want a scalar": func(y, t *Node) *Node { return y },
	} {
		if _, err := m.Trainer(loss).Step(vec(1, 2, 3), vec(0)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestFaultyOpsNameTheirNode(t *testing.T) {
	for want, op := range map[string]faulty{
		"deep.down: Faulty: out of luck":                            {false},
		"deep.down: Faulty: Forward panicked: runtime error: index": {true},
	} {
		m := build(t, func(s *Scope, x *Node) *Node { return s.In("deep").In("down").Apply(op, x) }, Shape{1, 3})
		if _, err := m.Predict(vec(1, 2, 3)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestRulesThatCoverNothing(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		s.In("fc9").Penalise(func(s *Scope, w *Node) *Node { return s.Apply(total{}, w) })
		return s.Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	if _, err := m.Trainer(squareLoss).Step(vec(1, 2, 3), vec(0)); err == nil || !strings.Contains(err.Error(), `no weight lies under "fc9"`) {
		t.Errorf("got %v", err)
	}
}

func TestWeightsMustNotDependOnTheMode(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		if s.Mode() == Train {
			return s.Apply(times{}, x, s.Param("late", Shape{1, 3}, Ones()))
		}
		return x
	}, Shape{1, 3})
	if _, err := m.Trainer(squareLoss).Step(vec(1, 2, 3), vec(0)); err == nil || !strings.Contains(err.Error(), "late is not in the model as built") {
		t.Errorf("got %v", err)
	}
}
