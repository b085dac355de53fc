package graph

import (
	"fmt"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q in it", err, want)
	}
}

func TestNilArguments(t *testing.T) {
	m := build(t, scale, Shape{1, 3}, nil) // a nil option is none
	tr := m.Trainer(squareLoss, nil)
	if _, err := tr.Step(vec(1, 2, 3), vec(0)); err != nil {
		t.Fatal(err)
	}
	g, x := gorgonia.NewGraph(), gorgonia.NewVector(gorgonia.NewGraph(), gorgonia.Float64, gorgonia.WithName("x"), gorgonia.WithShape(3))
	second := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"the solver is nil":                             tr.Update(nil),
		"the function panicked":                         m.Exclusively(nil),
		"writing the summary: the writer is nil":        m.Summary(nil),
		"writing the graph: the writer is nil":          m.DOT(nil),
		"Embed: the graph is nil":                       Embed(nil, Train).Err(),
		"the graph is nil":                              second(NewVM(nil, x)),
		"output 0 is nil or belongs to another graph":   second(NewVM(g, nil)),
		"output 1 is nil or belongs to another graph":   second(NewVM(x.Graph(), x, gorgonia.NewConstant(1.0))),
		"Add: the op is nil":                            Embed(g, Train).Layer("Add").Apply(nil).b.err,
		"the function returned nil or a node of anothe": Lift(func(...*gorgonia.Node) (*gorgonia.Node, error) { return x, nil }, Embed(g, Train).Step()).b.err,
	} {
		wantError(t, err, want)
	}
	s := Embed(nil, Train)
	s.Apply(times{}, s.Param("w", Shape{1}, Ones()), s.Wrap(nil), s.Step(), s.Ints(Shape{1}, []int{1}))
}

// shapeless is a test op whose InferShape panics.
type shapeless struct{ times }

func (shapeless) InferShape(...Shape) (Shape, error) { panic("no shape") }

func panics(*Node, *Node) *Node { panic("no loss") }

func TestPanicsOfUsersBecomeErrors(t *testing.T) {
	for want, c := range map[string]struct {
		f    Func
		loss Loss
	}{
		"the loss function panicked: no loss":   {scale, panics},
		"x#1: x: InferShape panicked: no shape": {scale, func(y, _ *Node) *Node { return y.Layer("x").Apply(shapeless{}, y, y) }},
		"the loss function panicked: no penalty": {func(s *Scope, x *Node) *Node {
			s.Penalise(func(*Scope, *Node) *Node { panic("no penalty") })
			return scale(s, x)
		}, squareLoss},
		"a constraint panicked: no constraint": {func(s *Scope, x *Node) *Node {
			s.Constrain(func(*tensor.Dense) error { panic("no constraint") })
			return scale(s, x)
		}, squareLoss},
		"the loss function returned a node of another graph": {scale, func(*Node, *Node) *Node { return Embed(gorgonia.NewGraph(), Train).Param("w", Shape{}, Ones()) }},
		"the loss has type int, want float32":                {scale, func(_, target *Node) *Node { return target.Layer("x").Apply(total{}, target) }},
		"b: Bump: Backward panicked: no gradient":            {func(s *Scope, x *Node) *Node { return s.In("b").Apply(backless{}, scale(s, x)) }, squareLoss},
	} {
		tr := build(t, c.f, Shape{1, 3}).Trainer(c.loss)
		_, err := tr.Step(vec(1, 2, 3), tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{1})))
		if err == nil {
			err = tr.Update(gorgonia.NewVanillaSolver())
		}
		wantError(t, err, want)
		if strings.Contains(want, "panicked") && !strings.Contains(fmt.Sprintf("%+v", err), "misuse_test.go") {
			t.Errorf("%s: %%+v does not show where", want)
		}
	}
}

// backless is a test op whose Backward panics.
type backless struct{ bump }

func (backless) Backward([]*Node, *Node, *Node) []*Node { panic("no gradient") }

func TestModelsOfOtherTypesAreRefused(t *testing.T) {
	for want, f := range map[string]Func{
		"returned a node of type int, want float32":  func(s *Scope, x *Node) *Node { return s.Step() },
		"returned a node of type bool, want float32": func(s *Scope, x *Node) *Node { return positive(x) },
	} {
		_, err := Build(f, Shape{1, 3})
		wantError(t, err, want)
	}
}

func positive(x *Node) *Node {
	return Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Gt(in[0], gorgonia.NewConstant(float32(0)), false)
	}, x)
}

// not is a test op on bools, which have an arena of their own.
type not struct{}

func (not) String() string                        { return "Not" }
func (not) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (not) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, b := range in[0].Bools() {
		y.Bools()[i] = !b
	}
	return nil
}

// choose is a test op: x where the bool holds, else 0.
type choose struct{ times }

func (choose) String() string { return "Choose" }
func (choose) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	clear(y.Float32s())
	for i, b := range in[1].Bools() {
		if b {
			y.Float32s()[i] = in[0].Float32s()[i]
		}
	}
	return nil
}

func TestOpsOnOtherTypes(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		negative := s.Apply(not{}, positive(x))
		twice := s.Apply(not{}, s.Apply(not{}, negative))
		return s.Apply(times{}, s.Apply(choose{}, x, negative), s.Apply(choose{}, x, twice))
	}, Shape{1, 3})
	if got := mustPredict(t, m, vec(-2, 3, -4)); got[0] != 4 || got[1] != 0 || got[2] != 16 {
		t.Errorf("got %v, want [4 0 16]", got)
	}
}

// Shape.Eq takes (n), (n, 1) and (1, n) for equal.
func TestShapesAreComparedExactly(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		return s.Apply(skewed{}, s.Param("w", Shape{3}, Ones()))
	}, Shape{1, 1})
	_, err := m.Trainer(squareLoss).Step(vec(1), vec(1))
	wantError(t, err, "Skewed: Backward returned a gradient of shape (1, 3) for input 0 of shape (3)")
}

// skewed is a test op with a gradient of the wrong shape.
type skewed struct{ bump }

func (skewed) String() string { return "Skewed" }
func (skewed) Backward(_ []*Node, y, dy *Node) []*Node {
	return []*Node{y.Layer("Flat").Apply(flat{}, dy)}
}

func TestInputsAndTargetsMayBeViews(t *testing.T) {
	pick := func(d *tensor.Dense, slices ...tensor.Slice) *tensor.Dense {
		v, err := d.Slice(slices...)
		if err != nil {
			t.Fatal(err)
		}
		return v.(*tensor.Dense)
	}
	m := build(t, func(s *Scope, x *Node) *Node { return s.Apply(times{}, x, x) }, Shape{1, 2})
	table := tensor.New(tensor.WithShape(3, 3), tensor.WithBacking([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8}))
	columns := pick(table, tensor.S(1, 3), tensor.S(1, 3))
	if got := fmt.Sprint(mustPredict(t, m, columns)); got != "[16 25 49 64]" {
		t.Errorf("a block of a table: got %v, want [16 25 49 64]", got)
	}
	classes := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]int{5, 6, 7, 8}))
	r, err := m.Trainer(func(y, target *Node) *Node {
		return y.Layer("Total").Apply(sumOfInts{}, y, target)
	}).Evaluate(columns, pick(classes, nil, tensor.S(1)))
	if err != nil || r.Loss != 6+8 {
		t.Errorf("a column of classes: got %v, %v, want 6 + 8", r.Loss, err)
	}
	for name, x := range map[string]*tensor.Dense{
		"column-major": tensor.New(tensor.WithShape(2, 2), tensor.AsFortran([]float32{1, 2, 3, 4})),
		"masked":       tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1, 2, 3, 4}, []bool{true, false, false, false})),
	} {
		if _, err := m.Predict(x); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			wantError(t, err, "the input: a tensor is column-major or masked")
		}
	}
}

// sumOfInts is a test op: the sum of its second input.
type sumOfInts struct{}

func (sumOfInts) String() string                     { return "SumOfInts" }
func (sumOfInts) InferShape(...Shape) (Shape, error) { return Shape{}, nil }
func (sumOfInts) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	y.Float32s()[0] = 0
	for _, v := range in[1].Ints() {
		y.Float32s()[0] += float32(v)
	}
	return nil
}

// Two ops of different types may have one name, say a user's and one of package
// nodes.
func TestOpsOfTwoTypesAreTwoNodes(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		return s.Apply(times{}, s.Apply(bump{}, x), s.Apply(namesake{}, x))
	}, Shape{1, 1})
	if got := mustPredict(t, m, vec(3)); got[0] != 4*9 {
		t.Errorf("got %v, want (3 + 1)·3²", got)
	}
}

type namesake struct{ bump }

func (namesake) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, x := range in[0].Float32s() {
		y.Float32s()[i] = x * x
	}
	return nil
}

func TestSummaryCountsWeightsOfTheWholeModel(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node {
		x = s.In("a").Apply(bump{}, x)
		return s.Layer("Scale").Apply(times{}, x, s.Param("weight", Shape{1, 3}, Ones()))
	}, Shape{1, 3})
	var b strings.Builder
	if err := m.Summary(&b); err != nil {
		t.Fatal(err)
	}
	want := `path     node   output shape  parameters  memory
(input)  Input  (1, 3)        0           12 B
a        Bump   (1, 3)        0           12 B
         Scale  (1, 3)        3           12 B
`
	if !strings.HasPrefix(b.String(), want) {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
