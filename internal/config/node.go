package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Place is where something stands. Lines and columns count from 1; the line is 0
// where there is no file, as for a setting of the command line.
type Place struct {
	File         string
	Line, Column int
}

// String is as compilers print it.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A kind is what a node is.
type kind uint8

const (
	empty  kind = iota // nothing, or null
	scalar             // one word or number
	list
	mapping
)

func (k kind) String() string { return [...]string{"empty", "a value", "a list", "a mapping"}[k] }

// A Node is a part of a file.
type Node struct {
	At    Place
	kind  kind
	null  bool   // empty, in a word
	text  string // of a scalar
	items []*Node
	keys  []pair // of a mapping, in order
}

type pair struct {
	name  string
	at    Place
	value *Node
}

// Find returns the node under keys, or nil.
func (n *Node) Find(path ...string) *Node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		i := n.index(name)
		if i < 0 {
			return nil
		}
		n = n.keys[i].value
	}
	return n
}

// Place returns where the value of a path such as train.epochs stands, or else the
// innermost mapping around it that is there.
func (n *Node) Place(path string) Place {
	at := n.At
	for _, name := range strings.Split(path, ".") {
		i := n.index(name)
		if i < 0 {
			break
		}
		n = n.keys[i].value
		at = n.At
	}
	return at
}

func (n *Node) index(name string) int {
	for i, p := range n.keys {
		if p.name == name {
			return i
		}
	}
	return -1
}

// With returns a copy of a mapping in which the values of over replace its own, in
// mappings within it too. Where over has another name, as of a model, nothing of n is left.
func (n *Node) With(over *Node) *Node {
	name, other := n.name(), over.name()
	if over.kind != mapping || other != "" && other != name {
		return over
	}
	base := *n
	base.named()
	out := &Node{At: over.At, kind: mapping, keys: slices.Clone(base.keys)}
	for _, p := range over.keys {
		if i := out.index(p.name); i >= 0 {
			out.keys[i].value = out.keys[i].value.With(p.value)
		} else {
			out.keys = append(out.keys, p)
		}
	}
	return out
}

// named makes a mapping of a choice that is a name alone.
func (n *Node) named() {
	if n.kind == scalar {
		*n = Node{At: n.At, kind: mapping, keys: []pair{{"name", n.At, &Node{At: n.At, kind: scalar, text: n.text}}}}
	}
}

// name is that of a choice.
func (n *Node) name() string {
	if n.kind == scalar {
		return n.text
	}
	if at := n.Find("name"); at != nil {
		return at.text
	}
	return ""
}

// Flat returns the values of all paths, as text, in order.
func (n *Node) Flat() (paths []string, values map[string]string) {
	values = map[string]string{}
	n.flatten("", &paths, values)
	return paths, values
}

func (n *Node) flatten(path string, paths *[]string, values map[string]string) {
	if n.kind != mapping {
		*paths = append(*paths, path)
		values[path] = n.String()
		return
	}
	for _, p := range n.keys {
		p.value.flatten(strings.TrimPrefix(path+"."+p.name, "."), paths, values)
	}
}

// Word returns the text of a single word or number.
func (n *Node) Word() (string, bool) { return n.text, n.kind == scalar }

// Numbers returns the numbers of a list.
func (n *Node) Numbers() ([]float64, bool) {
	var out []float64
	for _, item := range n.items {
		x, ok := number(item.text)
		if !ok || item.kind != scalar {
			return nil, false
		}
		out = append(out, x)
	}
	return out, n.kind == list && len(out) > 0
}

// Without returns a mapping without one of its keys.
func (n *Node) Without(name string) *Node {
	out := &Node{At: n.At, kind: n.kind}
	for _, p := range n.keys {
		if p.name != name {
			out.keys = append(out.keys, p)
		}
	}
	return out
}

// Over returns a mapping whose values of some keys have others over them, as by [Node.With].
// Those that are nil change nothing.
func (n *Node) Over(values map[string]*Node) *Node {
	out := n.Without("")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		over := values[name]
		if over == nil {
			continue
		}
		if i := out.index(name); i >= 0 {
			out.keys[i].value = out.keys[i].value.With(over)
		} else {
			out.keys = append(out.keys, pair{name, over.At, over})
		}
	}
	return out
}
