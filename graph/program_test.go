package graph

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A server may see any number of batch sizes.
func TestProgramsAreBounded(t *testing.T) {
	m := build(t, func(s *Scope, x *Node) *Node { return s.Apply(times{}, x, x) }, Shape{1, 2})
	predict := func(n int) *program {
		mustPredict(t, m, tensor.New(tensor.WithShape(n, 2), tensor.Of(tensor.Float32)))
		return m.programs.kept[len(m.programs.kept)-1]
	}
	first := predict(1)
	for n := 2; n <= 3*maxPrograms; n++ {
		predict(n)
		if predict(1) != first {
			t.Fatalf("batch size %d: the program of batch size 1, in use all the time, was built again", n)
		}
	}
	if got := len(m.programs.kept); got != maxPrograms {
		t.Errorf("got %d programs, want %d", got, maxPrograms)
	}
}

// A chain of stock operations shares memory, perhaps, all the way.
func TestLongChainsOfStockOperations(t *testing.T) {
	const n = 100
	m := build(t, func(s *Scope, x *Node) *Node {
		for range n {
			x = Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Add(in[0], in[0]) }, x)
		}
		return x
	}, Shape{1, 1})
	if got := mustPredict(t, m, vec(1)); got[0] != float32(math.Pow(2, n)) {
		t.Errorf("got %v, want 2^%d", got, n)
	}
}

func TestARefusedBatchTakesNoStep(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	tr := m.Trainer(squareLoss)
	if _, err := tr.Step(vec(1, 2), vec(0)); err == nil {
		t.Error("a batch of another shape: no error")
	}
	if m.Step() != 0 {
		t.Errorf("the next step is %d, want 0", m.Step())
	}
}

func TestNonFiniteLooksAtTheTarget(t *testing.T) {
	tr := build(t, scale, Shape{1, 3}).Trainer(func(y, target *Node) *Node {
		s := y.Layer("Loss")
		return s.Apply(total{}, s.Apply(times{}, y, target))
	})
	if _, err := tr.Step(vec(1, 2, 3), vec(0, float32(math.Inf(1)), 0)); err != nil {
		t.Fatal(err)
	}
	if err := tr.NonFinite(); err == nil || !strings.HasPrefix(err.Error(), "the target: element 1 of 3 is +Inf") {
		t.Errorf("got %v, want the target", err)
	}
}

// Run with -race.
func TestNonFiniteWhileAnotherTrainerUpdates(t *testing.T) {
	m := build(t, scale, Shape{1, 3})
	var wg sync.WaitGroup
	defer wg.Wait()
	step := func(then func(*Trainer) error) {
		tr := m.Trainer(squareLoss)
		for range 50 {
			if _, err := tr.Step(vec(.1, .2, .3), vec(0)); err != nil {
				t.Error(err)
			}
			if err := then(tr); err != nil {
				t.Error(err)
			}
		}
	}
	wg.Go(func() {
		step(func(tr *Trainer) error { return tr.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1e-3))) })
	})
	step((*Trainer).NonFinite)
}

// What a statement sets a value to may be of use to nothing else.
func TestSetComputesItsSource(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, random(1, 2), gorgonia.WithName("x"))
	y := gorgonia.NodeFromAny(g, random(2, 2), gorgonia.WithName("y"))
	z := gorgonia.Must(gorgonia.Add(x, y))
	gorgonia.Set(x, gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Square(y)))))
	vm, err := NewVM(g, z)
	if err != nil {
		t.Fatal(err)
	}
	if err := vm.RunAll(); err != nil {
		t.Fatalf("%+v", err)
	}
	for i, v := range y.Value().Data().([]float64) {
		if got := x.Value().Data().([]float64)[i]; got != -v*v {
			t.Errorf("x[%d] = %v, want %v", i, got, -v*v)
		}
	}
}

// shifted is its first input plus the first element of the second.
type shifted struct{}

func (shifted) String() string                        { return "Shifted" }
func (shifted) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (shifted) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i, v := range in[0].Float32s() {
		y.Float32s()[i] = v + in[1].Float32s()[0]
	}
	return nil
}

// doubledFor prints another name for each batch size, so that programs share nothing.
type doubledFor struct {
	doubled
	batch int
}

func (op doubledFor) String() string { return fmt.Sprintf("Doubled{for %d}", op.batch) }

// What programs make of the weights is kept for those used last, up to a number of
// bytes, and made again where it is gone.
func TestPreparedWeightsAreBounded(t *testing.T) {
	var made counter
	m := build(t, func(s *Scope, x *Node) *Node {
		w := s.Param("weight", Shape{1, 3}, Constant(3))
		return s.Apply(shifted{}, x, s.Apply(doubledFor{doubled{&made}, x.Dim(0)}, w))
	}, Shape{1, 1})
	predict := func(n, want int) {
		t.Helper()
		y := mustPredict(t, m, newDense(tensor.Float32, Shape{n, 1}))
		if len(y) != n || y[n-1] != 6 {
			t.Errorf("for batch size %d got %v, want 2·3", n, y)
		}
		if made.n != want {
			t.Errorf("batch size %d: the weights were prepared %d times, want %d", n, made.n, want)
		}
	}
	const set = 12 // bytes
	for n := range 4 {
		predict(n+1, n+1)
	}
	m.programs.trim(4 * set)
	predict(4, 4)
	predict(1, 4)
	m.programs.trim(2*set + 1) // of 4 and 1, which came last
	predict(4, 4)
	predict(1, 4)
	predict(2, 5)
	predict(3, 6)
	m.programs.trim(0)
	predict(3, 6)
	predict(2, 7)
}
