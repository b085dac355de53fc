package tensorboard

import (
	"fmt"
	"strings"

	"github.com/thinnet/thinnet/graph"
)

// Graph adds the graph of a model as it trains, with the updates of its state: a node
// for each op, weight and constant, in boxes after the scopes, with shapes for the batch
// that the model was built for. A model that cannot train at that batch is shown as it
// predicts. A run has one graph; TensorBoard shows the last.
func (w *Writer) Graph(m *graph.Model) error {
	return w.write(0, "graph", func() error {
		batch := max(append(m.Shape(), 1)[0], 1)
		d, err := m.Declare(graph.Train, batch)
		if err != nil {
			d, err = m.Declare(graph.Eval, batch)
		}
		if err != nil {
			return err
		}
		layers, err := m.Layers()
		if err != nil {
			return err
		}
		w.event = appendBytes(w.event, eventGraph, graphDef(d, layers))
		return nil
	})
}

// graphDef is a declaration in TensorFlow's terms.
func graphDef(d *graph.Declaration, layers []graph.Layer) (b []byte) {
	described := map[string]string{}
	for _, l := range layers {
		described[l.Path] = strings.ReplaceAll(l.Node, "×", "x") // it shows bytes, not letters
	}
	taken := names{}
	of := make([]string, len(d.Nodes))
	for i, n := range d.Nodes {
		name, op := nameAndOp(n)
		of[i] = taken.unique(name)
		node := appendString(nil, nodeName, of[i])
		node = appendString(node, nodeOp, op)
		for _, in := range n.In {
			node = appendString(node, nodeInput, of[in])
		}
		shapes := appendBytes(nil, listShape, appendShape(nil, n.Shape))
		node = appendAttribute(node, "_output_shapes", appendBytes(nil, attrList, shapes))
		if text := described[n.Path]; text != "" && n.Source == graph.FromOp {
			node = appendAttribute(node, "layer", appendString(nil, attrString, text))
		}
		b = appendBytes(b, graphNode, node)
	}
	const producer = 22
	return appendBytes(b, graphVersions, appendInt(nil, versionProducer, producer))
}

func appendAttribute(node []byte, key string, value []byte) []byte {
	return appendBytes(node, nodeAttr, appendBytes(appendString(nil, entryKey, key), entryValue, value))
}

// nameAndOp returns what a node is called, with a slash after each scope, and what it does.
func nameAndOp(n graph.DeclaredNode) (name, op string) {
	switch n.Source {
	case graph.FromInput:
		return "input", "Placeholder"
	case graph.FromStep:
		return "step", "Placeholder"
	case graph.FromWeight:
		op = "Parameter"
		if !n.Weight.Trainable {
			op = "State"
		}
		return slashed(n.Weight.Name), op
	case graph.FromConstant:
		return slashed(n.Path) + "/constant", "Const"
	case graph.FromStock:
		return slashed(n.Path) + "/" + n.Kind, n.Stock
	}
	op, _, _ = strings.Cut(n.Op.String(), "{")
	return slashed(n.Path) + "/" + op, op
}

func slashed(path string) string { return strings.ReplaceAll(path, ".", "/") }

// names are those given to nodes.
type names map[string]bool

// unique makes a name of the characters that TensorFlow allows, one that is not taken.
func (ns names) unique(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-/", r) {
			return r
		}
		return '_'
	}, strings.TrimPrefix(name, "/"))
	out := name
	for i := 1; ns[out]; i++ {
		out = fmt.Sprintf("%s_%d", name, i)
	}
	ns[out] = true
	return out
}
