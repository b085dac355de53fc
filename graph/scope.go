package graph

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Scope is a place in a model: a path, and a graph to declare nodes in.
type Scope struct {
	b    *builder
	path string
	kind string // of the layer being declared, for errors and the summary
	text string // what defines the layer, for the summary
	mode Mode
	own  bool             // whether the mode is by InMode
	hold []*Node          // see AssignIf
	have map[string]*Node // see Given, by path
}

// In returns the scope of a part of this one: s.In("conv1") of block1 is
// block1.conv1. A name is any word without control characters, and without white
// space at its ends.
func (s *Scope) In(name string) *Scope {
	if s == nil {
		s = lost(name, "")
	}
	switch {
	case name == "":
		s.Errorf("the name of a scope is empty, want a word")
	case strings.ContainsFunc(name, unicode.IsControl) || strings.TrimSpace(name) != name:
		s.Errorf("the name of a scope is %q; want no control characters, and no white space at its ends", name)
	}
	in := *s
	in.path, in.kind, in.text = join(s.path, name), "", ""
	return &in
}

// Layer names the node function at work, for errors and the summary, and takes the
// nodes that it was given: one that is nil is an error at this scope.
func (s *Scope) Layer(kind string, in ...*Node) *Scope {
	if s == nil {
		s = lost("", kind)
	}
	layer := *s
	layer.kind, layer.text = kind, ""
	for i, x := range in {
		switch {
		case x == nil && len(in) == 1:
			layer.Errorf("x is nil, want a node")
		case x == nil:
			layer.Errorf("input %d is nil, want a node", i)
		case x.b != s.b && x.b.err != nil: // a node function that got nil
			layer.Fail(x.b.err)
		}
	}
	return &layer
}

// Describe says what defines the layer, for its row in a summary, as
//
//	s = s.Layer("Dropout", x).Describe("p=%v", p)
//
// does for Dropout(p=0.5). It is no part of an error.
func (s *Scope) Describe(format string, args ...any) *Scope {
	layer := *s
	layer.text = fmt.Sprintf(format, args...)
	return &layer
}

// nowhere returns a scope of no model: what is declared there is inert, and its first
// mistake is that of the model which is given such a node.
func nowhere() *Scope { return &Scope{b: newBuilder(nil, Eval, tensor.Float32)} }

// lost returns the scope for what is declared at a nil one.
func lost(path, kind string) *Scope {
	s := nowhere()
	s.b.fail(path, kind, errors.New("the scope is nil, want that of the model or of a part of it"))
	return s
}

// Path returns the path, empty for the whole model.
func (s *Scope) Path() string { return s.path }

// Mode returns what the program being built is for, or the mode given to
// [Scope.InMode].
func (s *Scope) Mode() Mode { return s.mode }

// ProgramMode returns what the program being built is for, whatever mode was given to
// [Scope.InMode]: a node that draws in predictions too tells by it those from training.
func (s *Scope) ProgramMode() Mode { return s.b.mode }

// InMode returns this scope in a mode of its own, whatever that of the program:
// what is declared at or under it is as in a program of that mode.
//
//	nodes.BatchNorm2D(s.In("bn").InMode(graph.Eval), x)               frozen statistics, for fine-tuning
//	regularize.Dropout(s.In("drop").InMode(graph.MonteCarlo), x, 0.5)  drawing in predictions too
//
// [Model.Predict] runs at step 0, so what draws there draws the same each time;
// [Model.Sample] takes a number to draw from.
func (s *Scope) InMode(mode Mode) *Scope {
	if err := mode.check(); err != nil {
		s.Fail(err)
	}
	other := *s
	other.mode, other.own = mode, true
	return &other
}

// Dtype returns the element type of the model.
func (s *Scope) Dtype() tensor.Dtype { return s.b.dtype }

// Seed returns the seed of the model.
func (s *Scope) Seed() uint64 { return s.b.seed }

// Winograd says whether convolutions may be computed by Winograd's algorithm; see
// [DirectConvolution].
func (s *Scope) Winograd() bool { return !s.b.direct }

// Step returns the number of the running step, as a node: one element of type
// tensor.Int. An op that draws takes it as its last input and draws from
// (seed, path, step, element), so that it stays a pure function.
func (s *Scope) Step() *Node { return s.b.stepNode() }

// Errorf reports a mistake at this scope and returns an inert node.
func (s *Scope) Errorf(format string, args ...any) *Node {
	return s.Fail(errors.Errorf(format, args...))
}

// Fail reports err at this scope and returns an inert node. Only the first
// mistake of a model is kept.
func (s *Scope) Fail(err error) *Node {
	s.b.fail(s.path, s.kind, err)
	return &Node{b: s.b, path: s.path}
}

// Err returns the first mistake made in this graph, nil if there was none.
func (s *Scope) Err() error { return s.b.err }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
