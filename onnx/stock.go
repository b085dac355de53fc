package onnx

import (
	"strings"

	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// stockOps are the stock operations of Gorgonia that work on single elements, by the names
// they print, in ONNX's operators.
var stockOps = map[string]string{
	"abs": "Abs", "sign": "Sign", "ceil": "Ceil", "floor": "Floor", "sin": "Sin", "cos": "Cos",
	"exp": "Exp", "ln": "Log", "neg": "Neg", "inv": "Reciprocal", "sqrt": "Sqrt",
	"tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus",
	"+": "Add", "-": "Sub", "⊙": "Mul", "÷": "Div", "^": "Pow",
}

// stock adds a stock operation.
func stock(c *onnxgraph.Call, name string) onnxgraph.Value {
	word, _, _ := strings.Cut(name, " ")
	if op, ok := stockOps[word]; ok && len(c.In) <= 2 {
		return c.Do(op, c.In...)
	}
	return c.Errorf("the stock operation %s has no form in ONNX", name)
}
