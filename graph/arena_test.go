package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// as is a test op: x in another shape, sharing its memory.
type as struct{ shape Shape }

func (op as) String() string                     { return fmt.Sprintf("As{%v}", op.shape) }
func (op as) InferShape(...Shape) (Shape, error) { return op.shape.Clone(), nil }
func (as) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return tensor.Copy(y, in[0])
}
func (as) View() {}
func (op as) Backward(in []*Node, y, dy *Node) []*Node {
	return []*Node{y.Layer("As").Apply(as{in[0].Shape()}, dy)}
}

// mix applies op number k to nodes of any shape; nil if it does not fit them.
func mix(s *Scope, k, n int, a, b *Node) *Node {
	stock := func(f func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...*Node) *Node { return Lift(f, in...) }
	size := a.Shape().TotalSize()
	alike := b.Shape().TotalSize() == size
	if alike && !sameShape(a.Shape(), b.Shape()) {
		b = s.Apply(as{a.Shape()}, b)
	}
	switch k {
	case 0:
		if alike {
			return s.Apply(times{}, a, b)
		}
	case 1:
		return s.Apply(as{Shape{1, size}}, a)
	case 2:
		return stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Tanh(in[0]) }, a)
	case 3:
		if alike {
			return stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Add(in[0], in[1]) }, a, b)
		}
	case 4: // shares the memory of its input
		return stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Reshape(in[0], tensor.Shape{size, 1})
		}, a)
	case 5:
		return stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Transpose(in[0]) }, a)
	case 6: // a view that is not contiguous
		if a.Dim(1) > 2 {
			return stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return gorgonia.Slice(in[0], nil, gorgonia.S(1, 3))
			}, a)
		}
	case 7:
		return stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(in[0], gorgonia.NewConstant(1+float64(n)/64))
		}, a)
	case 8: // by way of a scalar
		sum := s.Apply(total{}, a)
		return s.Apply(spread{Shape{3, 4}}, stock(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Tanh(in[0]) }, sum))
	}
	return nil
}

// A tangle is a random graph of our ops, stock ops, views, constants, reads and
// gradients; the outputs are any of its nodes, inputs too, some of them twice.
type tangle struct {
	g       *gorgonia.ExprGraph
	outputs gorgonia.Nodes
	reads   [3]gorgonia.Value
}

func newTangle(t *testing.T, seed uint64) *tangle {
	r := rand.New(philox.NewSource(philox.KeyOf(seed, "tangle"), 0))
	w := &tangle{g: gorgonia.NewGraph()}
	s := Embed(w.g, Train, Float64(), Seed(seed))
	nodes := []*Node{s.Param("w", Shape{3, 4}, Normal(0, 1))}
	for i, shape := range [][]int{{2, 6}, {3, 4}} {
		nodes = append(nodes, s.Wrap(gorgonia.NodeFromAny(w.g, random(seed, shape...), gorgonia.WithName(fmt.Sprint("x", i)))))
	}
	params := slices.Clone(nodes)
	for range 5 + r.IntN(40) {
		a, b := nodes[r.IntN(len(nodes))], nodes[r.IntN(len(nodes))]
		if r.IntN(2) == 0 {
			a = nodes[len(nodes)-1]
		}
		if n := mix(s, r.IntN(9), r.IntN(64), a, b); n != nil {
			nodes = append(nodes, n)
		}
	}
	loss := s.Apply(total{}, Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Tanh(in[0]) }, nodes[len(nodes)-1]))
	if s.Err() != nil {
		t.Fatalf("seed %d: %+v", seed, s.Err())
	}
	w.outputs = gorgonia.Nodes{loss.n}
	reached, _ := reachable(loss.n)
	for _, p := range params {
		if reached[p.n] {
			grads, err := gorgonia.Grad(loss.n, p.n)
			if err != nil {
				t.Fatalf("seed %d: %+v", seed, err)
			}
			w.outputs = append(w.outputs, grads...)
			break // a second Grad over the same nodes is wrong
		}
	}
	live := slices.DeleteFunc(slices.Clone(nodes), func(n *Node) bool { return !reached[n.n] })
	for i := range w.reads {
		gorgonia.Read(live[r.IntN(len(live))].n, &w.reads[i]) // read where it is needed, or not at all
		w.outputs = append(w.outputs, nodes[r.IntN(len(nodes))].n)
	}
	return w
}

// values runs the graph and returns all outputs and reads.
func (w *tangle) values(t *testing.T, vm *VM) (out []float64) {
	if err := vm.RunAll(); err != nil {
		t.Fatalf("%+v", err)
	}
	add := func(v gorgonia.Value) {
		d, err := toDense(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d.Float64s()...)
	}
	for _, n := range w.outputs {
		add(n.Value())
	}
	for _, v := range w.reads {
		add(v)
	}
	return out
}

// What is computed where values share memory equals what is computed where each
// has its own, which is so if all of them are outputs.
func FuzzArena(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		frugal, lavish := newTangle(t, seed), newTangle(t, seed)
		vm, err := NewVM(frugal.g, frugal.outputs...)
		if err != nil {
			t.Fatal(err)
		}
		all, err := NewVM(lavish.g)
		if err != nil {
			t.Fatal(err)
		}
		want := lavish.values(t, all)
		for run := range 2 {
			got := frugal.values(t, vm)
			if len(got) != len(want) {
				t.Fatalf("seed %d: got %d values, want %d", seed, len(got), len(want))
			}
			for k, v := range got {
				if v != want[k] && (v == v || want[k] == want[k]) {
					t.Fatalf("seed %d, run %d, value %d: got %v, want %v", seed, run, k, v, want[k])
				}
			}
		}
	})
}
