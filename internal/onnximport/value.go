package onnximport

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// A value is one of the graph while a model is declared. It is known before the model
// runs, or a node of it, or both, made when somebody asks: a weight of the file may be
// read by a layer, which learns it, or as a number that shapes depend on.
type value struct {
	kind  kind
	shape graph.Shape
	learn bool               // it is made of weights, and learns as a node
	known func() *array      // nil if only a run knows it
	node  func() *graph.Node // of the model's element type
	state func() *graph.Node // of an initialiser alone: as a state, which doesn't learn
	made  made
}

// made is what a value was rearranged from, so that what undoes it finds the original.
type made struct {
	how  string // reshape, transpose, take, concat or stretch; or nothing
	of   []*value
	axes []int // the permutation, or the indices
	axis int
}

func once[T any](f func() T) func() T {
	var v T
	done := false
	return func() T {
		if !done {
			v, done = f(), true
		}
		return v
	}
}

// constant is a value that is known and doesn't learn.
func (r *run) constant(a *array) *value {
	return r.later(a.kind, a.shape, func() *array { return a })
}

// later is a constant that is computed when it is asked for.
func (r *run) later(k kind, shape []int, f func() *array) *value {
	known := once(func() *array {
		r.spend(sizeOf(shape))
		return f()
	})
	return &value{kind: k, shape: slices.Clone(shape), known: known, node: once(func() *graph.Node {
		if sizeOf(shape) == 0 {
			fail("a constant of shape %v has no elements", shape)
		}
		return r.s.Floats(slices.Clone(shape), known().data)
	})}
}

// isZero says whether the value is known to be 0, and stays it.
func (v *value) isZero() bool {
	return v.known != nil && !v.learn && !slices.ContainsFunc(v.known().data, func(x float64) bool { return x != 0 })
}

// computed is a value that only a run knows.
func computed(k kind, n *graph.Node) *value {
	return &value{kind: k, shape: n.Shape().Clone(), node: func() *graph.Node { return n }}
}

// spend counts the elements of constants, so that a small file can't ask for any number.
func (r *run) spend(n int) {
	if r.made += n; n < 0 || r.made > r.f.made {
		fail("the constants that nodes make of constants have over %d elements together, too many for a file of this size", r.f.made)
	}
}

// rearranged is a value that has elements of others: known if they are, and else a node
// that of makes. Weights stay weights.
func (r *run) rearranged(shape []int, how made, known func() []float64, of func() *graph.Node) *value {
	in := how.of
	all := !slices.ContainsFunc(in, func(v *value) bool { return v.known == nil })
	learn := slices.ContainsFunc(in, func(v *value) bool { return v.learn })
	if all && !learn {
		return r.later(in[0].kind, shape, func() *array { return &array{in[0].kind, shape, known()} })
	}
	r.bound(shape)
	v := &value{kind: in[0].kind, shape: slices.Clone(shape), learn: learn, made: how, node: once(of)}
	if all {
		v.known = once(func() *array {
			r.spend(sizeOf(shape))
			return &array{v.kind, shape, known()}
		})
	}
	return v
}

// reshape gives v another shape of as many elements.
func (r *run) reshape(v *value, shape ...int) *value {
	if v.made.how == "reshape" {
		v = v.made.of[0]
	}
	if slices.Equal(v.shape, shape) {
		return v
	}
	if sizeOf(shape) != sizeOf(v.shape) {
		fail("it has shape %v, want as many elements as in %v", v.shape, shape)
	}
	shape = slices.Clone(shape)
	return r.rearranged(shape, made{how: "reshape", of: []*value{v}}, func() []float64 { return v.known().data },
		func() *graph.Node { return nodes.Reshape(v.node(), shape...) })
}

// transpose reorders axes: axis i is axis perm[i] of v.
func (r *run) transpose(v *value, perm ...int) *value {
	if v.made.how == "transpose" {
		both := make([]int, len(perm))
		for i, axis := range perm {
			both[i] = v.made.axes[axis]
		}
		v, perm = v.made.of[0], both
	}
	shape, moves := make([]int, len(perm)), false
	for i, axis := range perm {
		shape[i] = v.shape[axis]
		moves = moves || i != axis
	}
	if !moves {
		return v
	}
	perm = slices.Clone(perm)
	return r.rearranged(shape, made{how: "transpose", of: []*value{v}, axes: perm},
		func() []float64 { return permuted(v.known(), perm, shape) },
		func() *graph.Node { return nodes.Transpose(v.node(), perm...) })
}

func permuted(a *array, perm, shape []int) []float64 {
	steps, step := make([]int, len(perm)), 1
	for axis := len(perm) - 1; axis >= 0; axis-- {
		steps[axis] = step
		step *= a.shape[axis]
	}
	out := make([]float64, len(a.data))
	for i := range out {
		at, rest := 0, i
		for axis := len(perm) - 1; axis >= 0; axis-- {
			at += rest % shape[axis] * steps[perm[axis]]
			rest /= shape[axis]
		}
		out[i] = a.data[at]
	}
	return out
}

// concat puts values one after another along an axis.
func (r *run) concat(axis int, vs ...*value) *value {
	vs = slices.DeleteFunc(slices.Clone(vs), func(v *value) bool { return len(vs) > 1 && sizeOf(v.shape) == 0 })
	switch len(vs) {
	case 0:
		fail("all inputs are empty")
	case 1:
		return vs[0]
	}
	shape := slices.Clone([]int(vs[0].shape))
	for i, v := range vs[1:] {
		for a := range shape {
			if len(v.shape) != len(shape) || a != axis && v.shape[a] != shape[a] {
				fail("inputs 0 and %d have shapes %v and %v, want the same in all axes but %d", i+1, vs[0].shape, v.shape, axis)
			}
		}
		shape[axis] += v.shape[axis]
	}
	return r.rearranged(shape, made{how: "concat", of: vs, axis: axis}, func() []float64 {
		out := make([]float64, 0, sizeOf(shape))
		for i := range sizeOf(shape[:axis]) {
			for _, v := range vs {
				n := sizeOf(v.shape[axis:])
				out = append(out, v.known().data[i*n:][:n]...)
			}
		}
		return out
	}, func() *graph.Node {
		in := make([]*graph.Node, len(vs))
		for i, v := range vs {
			in[i] = v.node()
		}
		return nodes.Concat(axis, in...)
	})
}
