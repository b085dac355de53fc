package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func random(seed uint64, shape ...int) *tensor.Dense {
	r := rand.New(philox.NewSource(philox.KeyOf(seed, "test"), 0))
	b := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range b {
		b[i] = r.NormFloat64() * 0.3
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(b))
}

// stockNet is made of stock operations alone.
type stockNet struct {
	g             *gorgonia.ExprGraph
	x, cost       *gorgonia.Node
	params, grads gorgonia.Nodes
	read          gorgonia.Value
}

func stockMLP(t testing.TB) *stockNet {
	n := &stockNet{g: gorgonia.NewGraph()}
	n.x = gorgonia.NewMatrix(n.g, gorgonia.Float64, gorgonia.WithShape(4, 6), gorgonia.WithName("x"))
	w1 := gorgonia.NodeFromAny(n.g, random(1, 6, 5), gorgonia.WithName("w1"))
	b1 := gorgonia.NodeFromAny(n.g, random(2, 1, 5), gorgonia.WithName("b1"))
	w2 := gorgonia.NodeFromAny(n.g, random(3, 5, 3), gorgonia.WithName("w2"))
	h := gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(n.x, w1)), b1, nil, []byte{0}))
	h = gorgonia.Must(gorgonia.Sigmoid(gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Rectify(h))))))
	o := gorgonia.Must(gorgonia.SoftMax(gorgonia.Must(gorgonia.Mul(h, w2))))
	n.params = gorgonia.Nodes{w1, b1, w2}
	return n.differentiate(t, gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Log(o)))))))
}

func stockCNN(t testing.TB) *stockNet {
	n := &stockNet{g: gorgonia.NewGraph()}
	n.x = gorgonia.NewTensor(n.g, gorgonia.Float64, 4, gorgonia.WithShape(2, 1, 8, 8), gorgonia.WithName("x"))
	f := gorgonia.NodeFromAny(n.g, random(1, 3, 1, 3, 3), gorgonia.WithName("f"))
	w := gorgonia.NodeFromAny(n.g, random(2, 3*4*4, 3), gorgonia.WithName("w"))
	h := gorgonia.Must(gorgonia.Conv2d(n.x, f, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
	h = gorgonia.Must(gorgonia.MaxPool2D(gorgonia.Must(gorgonia.Rectify(h)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	h = gorgonia.Must(gorgonia.Mul(gorgonia.Must(gorgonia.Reshape(h, tensor.Shape{2, 48})), w))
	n.params = gorgonia.Nodes{f, w}
	return n.differentiate(t, gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(h)))))
}

func (n *stockNet) differentiate(t testing.TB, cost *gorgonia.Node) *stockNet {
	n.cost = cost
	var err error
	if n.grads, err = gorgonia.Grad(cost, n.params...); err != nil {
		t.Fatal(err)
	}
	gorgonia.Read(cost, &n.read)
	return n
}

// train makes ten steps of plain gradient descent and returns the costs and the
// final weights.
func (n *stockNet) train(t testing.TB, vm gorgonia.VM) (out []float64) {
	for step := range 10 {
		if err := gorgonia.Let(n.x, random(uint64(100+step), n.x.Shape()...)); err != nil {
			t.Fatal(err)
		}
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		out = append(out, n.read.Data().(float64))
		for i, p := range n.params {
			w, g := p.Value().Data().([]float64), n.grads[i].Value().Data().([]float64)
			for j := range w {
				w[j] -= 0.5 * g[j]
			}
		}
		vm.Reset()
	}
	for _, p := range n.params {
		out = append(out, p.Value().Data().([]float64)...)
	}
	return out
}

func TestVMEqualsTapeMachineOnStockGraphs(t *testing.T) {
	for name, mk := range map[string]func(testing.TB) *stockNet{"mlp": stockMLP, "cnn": stockCNN} {
		a, b := mk(t), mk(t)
		want := a.train(t, gorgonia.NewTapeMachine(a.g))
		vm, err := NewVM(b.g, append(gorgonia.Nodes{b.cost}, b.grads...)...)
		if err != nil {
			t.Fatal(err)
		}
		got := b.train(t, vm)
		if err := vm.Close(); err != nil {
			t.Error(err)
		}
		for i := range want {
			if got[i] != want[i] { // the same ops in another order of independent nodes
				t.Fatalf("%s: value %d: got %v, want %v", name, i, got[i], want[i])
			}
		}
	}
}

// Ours and stock operations in one Gorgonia program, on both machines.
func TestEmbeddedNodesOnBothMachines(t *testing.T) {
	run := func(mk func(g *gorgonia.ExprGraph, outputs ...*gorgonia.Node) (gorgonia.VM, error)) []float64 {
		g := gorgonia.NewGraph()
		x := gorgonia.NodeFromAny(g, random(1, 2, 3), gorgonia.WithName("x"))
		s := Embed(g, Train, Float64(), Seed(1))
		w := s.In("a").Param("weight", Shape{2, 3}, Normal(0, 1))
		h := s.In("a").Apply(times{}, s.Wrap(gorgonia.Must(gorgonia.Tanh(x))), w)
		cost := s.Apply(total{}, h)
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		cost2 := gorgonia.Must(gorgonia.Square(cost.Gorgonia()))
		grads, err := gorgonia.Grad(cost2, x, w.Gorgonia())
		if err != nil {
			t.Fatal(err)
		}
		outputs := append(gorgonia.Nodes{cost2}, grads...)
		vm, err := mk(g, outputs...)
		if err != nil {
			t.Fatal(err)
		}
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		var out []float64
		for _, n := range outputs {
			d, err := toDense(n.Value())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, d.Float64s()...)
		}
		return out
	}
	got := run(func(g *gorgonia.ExprGraph, outputs ...*gorgonia.Node) (gorgonia.VM, error) {
		return NewVM(g, outputs...)
	})
	want := run(func(g *gorgonia.ExprGraph, _ ...*gorgonia.Node) (gorgonia.VM, error) {
		return gorgonia.NewTapeMachine(g), nil
	})
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-15*math.Abs(want[i]) {
			t.Errorf("value %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestVMWithoutOutputsKeepsEveryValue(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, random(1, 3), gorgonia.WithName("x"))
	y := gorgonia.Must(gorgonia.Square(x))
	z := gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Add(y, gorgonia.NewConstant(10.0)))))
	vm, err := NewVM(g)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		for i, v := range x.Value().Data().([]float64) {
			if got := y.Value().Data().([]float64)[i]; got != v*v {
				t.Errorf("y[%d] = %v, want %v", i, got, v*v)
			}
			if got := z.Value().Data().([]float64)[i]; got != -(v*v + 10) {
				t.Errorf("z[%d] = %v, want %v", i, got, -(v*v + 10))
			}
		}
	}
}

func TestVMReportsAMissingInput(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, gorgonia.Float64, gorgonia.WithShape(3), gorgonia.WithName("x"))
	vm, err := NewVM(g, gorgonia.Must(gorgonia.Square(x)))
	if err != nil {
		t.Fatal(err)
	}
	if err := vm.RunAll(); err == nil || err.Error() != `input "x" has no value; bind one with gorgonia.Let` {
		t.Errorf("got %v", err)
	}
	if _, err := NewVM(gorgonia.NewGraph()); err == nil {
		t.Error("an empty graph: no error")
	}
}

// Stock matrix products transpose the headers of their inputs while they run:
// machines that share a weight must not see it. Run with -race.
func TestVMsMayShareAWeight(t *testing.T) {
	w := random(9, 8, 8)
	var wg sync.WaitGroup
	for k := range 3 {
		g := gorgonia.NewGraph()
		x := gorgonia.NodeFromAny(g, random(uint64(k), 4, 8), gorgonia.WithName("x"))
		wn := gorgonia.NodeFromAny(g, w, gorgonia.WithName("w"))
		cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(x, wn))))))
		grads, err := gorgonia.Grad(cost, x, wn)
		if err != nil {
			t.Fatal(err)
		}
		vm, err := NewVM(g, append(grads, cost)...)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for range 100 {
				if err := vm.RunAll(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if !w.Shape().Eq(tensor.Shape{8, 8}) || fmt.Sprint(w.Strides()) != "[8 1]" {
		t.Errorf("the weight has shape %v and strides %v afterwards", w.Shape(), w.Strides())
	}
}
