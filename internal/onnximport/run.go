package onnximport

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
)

// A run declares the graph once, for a mode and a batch size.
type run struct {
	f      *File
	root   *graph.Scope // of the weights
	s      *graph.Scope // of the node at hand
	values map[string]*value
	read   map[string]bool // what nodes that are needed read, and the output
	made   int             // elements of constants that were made
	most   int             // elements of a value that depends on the input

	counted map[string]bool // counters of batches, by name
}

// An operator declares a node of the graph. It knows the attributes listed, and any other
// is an error.
type operator func(c *call) []*value

type known struct {
	attributes string
	declare    operator
}

// Declare declares the graph for the input x, as a [graph.Func].
func (f *File) Declare(s *graph.Scope, x *graph.Node) *graph.Node {
	s = s.Layer("", x)
	if s.Err() != nil {
		return s.Fail(s.Err())
	}
	r := &run{f: f, root: s, s: s, values: map[string]*value{}, counted: map[string]bool{}, most: mostOf(x.Shape())}
	var y *graph.Node
	if err := attempt(func() { y = r.declare(x) }); err != nil {
		return s.Fail(f.fixed(x, err))
	}
	return y
}

// fixed adds to an error that the file is for another batch size than that of x.
func (f *File) fixed(x *graph.Node, err error) error {
	if in := f.inputs[0]; in.known && in.shape[0] != 0 && in.shape[0] != x.Dim(0) {
		return errors.Errorf("%v; the file is for batches of %d alone, and this is one of %d: "+
			"export it with an open batch, in PyTorch by dynamic_axes", err, in.shape[0], x.Dim(0))
	}
	return err
}

func (r *run) declare(x *graph.Node) *graph.Node {
	in := r.f.inputs[0]
	v := computed(in.kind, x)
	r.values[in.name] = v
	for name, a := range r.f.bound {
		r.values[name] = r.constant(a)
	}
	for name, w := range r.f.weights {
		r.values[name] = r.weight(name, w)
	}
	needed := r.f.needed()
	r.read = map[string]bool{r.f.output: true}
	for _, n := range needed {
		for _, in := range n.Input {
			r.read[in] = true
		}
	}
	for _, n := range needed {
		if err := r.node(n); err != nil {
			fail("%v", err)
		}
		if r.s.Err() != nil {
			return r.s.Fail(r.f.fixed(x, errors.WithMessage(r.s.Err(), title(n))))
		}
	}
	r.s = r.root
	return r.values[r.f.output].node()
}

// node declares one node.
func (r *run) node(n *onnxpb.NodeProto) error {
	c := &call{run: r, n: n}
	for _, name := range n.Input {
		c.in = append(c.in, r.values[name])
	}
	r.s = r.root.In(layerName(n))
	err := attempt(func() {
		out := operators[n.GetOpType()].declare(c)
		for i, name := range n.Output {
			switch {
			case name == "":
			case i >= len(out) || out[i] == nil:
				if r.reads(name) {
					fail("its output %d, %q, is not supported", i, name)
				}
			default:
				r.bound(out[i].shape)
				r.values[name] = out[i]
			}
		}
	})
	return errors.WithMessage(err, title(n))
}

// layerName is a name for the scope of a node.
func layerName(n *onnxpb.NodeProto) string {
	name := n.GetName()
	for _, out := range n.Output {
		if name == "" {
			name = out
		}
	}
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || r >= 0x80 && r < 0xa0 {
			return '_'
		}
		return r
	}, name))
	if name == "" || strings.HasPrefix(name, "(") {
		return strings.TrimSpace(n.GetOpType() + " " + name)
	}
	return name
}

// weight is an initialiser. Finite floats that have axes learn.
func (r *run) weight(name string, w *stored) *value {
	v := r.constantOf(w)
	if !w.learn {
		return v
	}
	v.learn = true
	var declared *graph.Node // whichever is asked for first
	v.node = func() *graph.Node {
		if declared == nil {
			declared = r.root.Param(name, slices.Clone(w.shape), v.values())
		}
		return declared
	}
	v.state = func() *graph.Node {
		if declared == nil {
			declared = r.root.State(name, slices.Clone(w.shape), v.values())
		}
		return declared
	}
	return v
}

// values are those of v, which are looked at only if a weight is made of them.
func (v *value) values() graph.Init {
	return func(_ *rand.Rand, _ graph.Shape, w []float64) error {
		copy(w, v.known().data)
		return nil
	}
}

func (r *run) constantOf(w *stored) *value {
	v := r.later(w.kind, w.shape, w.array)
	v.known = once(w.array) // which the file holds: no constant that it makes
	return v
}

// reads says whether a node that is needed, or the output, reads a value.
func (r *run) reads(name string) bool { return r.read[name] }

// needed are the nodes that the output needs.
func (f *File) needed() []*onnxpb.NodeProto {
	want := map[string]bool{f.output: true}
	var out []*onnxpb.NodeProto
	for _, n := range slices.Backward(f.nodes) {
		if !slices.ContainsFunc(n.Output, func(name string) bool { return name != "" && want[name] }) {
			continue
		}
		for _, in := range n.Input {
			want[in] = true
		}
		out = append(out, n)
	}
	slices.Reverse(out)
	return out
}

// Supported returns an error that names all operators and attributes that are not
// supported, of the nodes that the output needs.
func (f *File) Supported() error {
	var wrong []string
	for _, n := range f.needed() {
		op, ok := operators[n.GetOpType()]
		switch {
		case n.GetDomain() != "" && n.GetDomain() != "ai.onnx":
			wrong = append(wrong, title(n)+": operators of "+quoted(n.GetDomain())+" are not supported")
			continue
		case !ok:
			wrong = append(wrong, title(n)+": the operator is not supported")
			continue
		}
		for _, a := range n.Attribute {
			switch {
			case !slices.Contains(strings.Fields(op.attributes), a.GetName()):
				wrong = append(wrong, title(n)+": attribute "+quoted(a.GetName())+" is not supported")
			case a.GetRefAttrName() != "":
				wrong = append(wrong, title(n)+": attribute "+quoted(a.GetName())+" is one of a function, which is not supported")
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	const most = 20
	if n := len(wrong); n > most {
		wrong = append(wrong[:most:most], "and others")
	}
	return errors.New(strings.Join(wrong, "\n\t"))
}

// mostOf bounds the elements of what is computed of an input: a few numbers in a file can
// ask for any size, and the layers of networks are not a thousand times their input.
func mostOf(input graph.Shape) int { return max(1<<26, 1<<10*sizeOf(input)) }

func (r *run) bound(shape []int) {
	n := 1
	for _, d := range shape {
		if d > 0 && n > r.most/d {
			fail("a value of shape %v has more than %d elements, too many for an input of this size", shape, r.most)
		}
		n *= max(d, 1)
	}
}
