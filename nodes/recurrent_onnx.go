package nodes

import (
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// recurrentValues are what a node of a recurrent layer computes, the states at all steps,
// (T, 1, N, H), and the last ones, (1, N, H). The ops that read the states of a layer
// take of them what they need.
type recurrentValues struct{ all, h, c onnxgraph.Value }

// ONNX implements [onnxgraph.Op].
func (op recurrentStates) ONNX(c *onnxgraph.Call) onnxgraph.Value { return op.onnx(c) }

// ONNX implements [onnxgraph.Op].
func (op recurrentTrace) ONNX(c *onnxgraph.Call) onnxgraph.Value { return op.onnx(c) }

// ONNX implements [onnxgraph.Op].
func (tracedStates) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.In[0] }

func (q sequence) onnx(c *onnxgraph.Call) onnxgraph.Value {
	at := q.at()
	if q.factors {
		return c.Errorf("RecurrentFactors has no form in ONNX")
	}
	in := []onnxgraph.Value{c.In[0], c.Unsqueeze(q.stacked(c, c.In[1]), 0), c.Unsqueeze(q.stacked(c, c.In[2]), 0), {}, {}, {}, {}}
	if q.bias {
		biases := []onnxgraph.Value{q.stacked(c, c.In[at.biasIH]), q.stacked(c, c.In[at.biasHH])}
		in[3] = c.Unsqueeze(c.Node("Concat", onnxgraph.Attributes{"axis": 0}, biases...), 0)
	}
	if q.lengths {
		in[4] = c.Cast(c.In[at.lengths], onnxgraph.Int32)
	}
	if q.h0 {
		in[5] = c.Unsqueeze(c.In[at.h0], 0)
	}
	a := onnxgraph.Attributes{"hidden_size": q.Hidden, "direction": "forward"}
	if q.Reverse {
		a["direction"] = "reverse"
	}
	switch q.Cell {
	case recurrent.LSTM:
		if q.c0 {
			in[6] = c.Unsqueeze(c.In[at.c0], 0)
		}
		out := c.Nodes("LSTM", a, 3, in...)
		return onnxgraph.Value{Of: recurrentValues{out[0], out[1], out[2]}}
	case recurrent.GRU:
		a["linear_before_reset"] = 1
		out := c.Nodes("GRU", a, 2, in[:6]...)
		return onnxgraph.Value{Of: recurrentValues{all: out[0], h: out[1]}}
	case recurrent.ReLU:
		a["activations"] = []string{"Relu"}
	}
	out := c.Nodes("RNN", a, 2, in[:6]...)
	return onnxgraph.Value{Of: recurrentValues{all: out[0], h: out[1]}}
}

// stacked are the rows of a weight or a bias in ONNX's order of gates: i, o, f, g of an
// LSTM and z, r, n of a GRU, where PyTorch has i, f, g, o and r, z, n.
func (q sequence) stacked(c *onnxgraph.Call, w onnxgraph.Value) onnxgraph.Value {
	var gates []int
	switch q.Cell {
	case recurrent.LSTM:
		gates = []int{0, 3, 1, 2}
	case recurrent.GRU:
		gates = []int{1, 0, 2}
	default:
		return w
	}
	var rows []int
	for _, gate := range gates {
		for i := range q.Hidden {
			rows = append(rows, gate*q.Hidden+i)
		}
	}
	return c.Node("Gather", onnxgraph.Attributes{"axis": 0}, w, c.Ints(rows...))
}

// ONNX implements [onnxgraph.Op].
func (outputs) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	v, ok := c.In[0].Of.(recurrentValues)
	if !ok {
		return c.Errorf("its states have no form in ONNX")
	}
	return c.Transpose(c.Squeeze(v.all, 1), []int{1, 0, 2})
}

// ONNX implements [onnxgraph.Op].
func (op endOf) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	v, ok := c.In[0].Of.(recurrentValues)
	switch {
	case !ok:
		return c.Errorf("its states have no form in ONNX")
	case op.cell:
		return c.Squeeze(v.c, 0)
	}
	return c.Squeeze(v.h, 0)
}

// ONNX implements [onnxgraph.Op]. A recurrent node doesn't look at what is beyond the
// lengths, so that need not be 0.
func (timeMajor) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Transpose(c.In[0], []int{1, 0, 2}) }
