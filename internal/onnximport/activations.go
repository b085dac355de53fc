package onnximport

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/nodes"
)

func (c *call) relu() []*value    { return node(nodes.ReLU(c.x(0).node())) }
func (c *call) sigmoid() []*value { return node(nodes.Sigmoid(c.x(0).node())) }
func (c *call) tanh() []*value    { return node(nodes.Tanh(c.x(0).node())) }

func (c *call) softplus() []*value { return node(nodes.Softplus(c.x(0).node())) }

func (c *call) leakyRelu() []*value {
	return node(nodes.LeakyReLU(c.x(0).node(), nodes.NegativeSlope(c.attrFloat("alpha", 0.01))))
}

func (c *call) elu() []*value {
	return node(nodes.ELU(c.x(0).node(), nodes.Alpha(c.attrFloat("alpha", 1))))
}

// The constants of SELU to the digits that float32 has.
const (
	seluAlpha = 1.67326319217681884765625
	seluGamma = 1.05070102214813232421875
)

func (c *call) selu() []*value {
	alpha, gamma := c.attrFloat("alpha", seluAlpha), c.attrFloat("gamma", seluGamma)
	if math.Abs(alpha-seluAlpha) < 1e-6 && math.Abs(gamma-seluGamma) < 1e-6 {
		return node(nodes.SELU(c.x(0).node()))
	}
	return one(c.scaled(computed(floats, nodes.ELU(c.x(0).node(), nodes.Alpha(alpha))), gamma, 0))
}

func (c *call) celu() []*value {
	a := c.attrFloat("alpha", 1)
	return one(c.apply(unary{
		name: fmt.Sprintf("Celu{%v}", a),
		f:    func(x float64) float64 { return zeroOr(x, a*math.Expm1(x/a), x < 0) },
		df:   func(x, _ float64) float64 { return zeroOr(1, math.Exp(x/a), x < 0) },
		form: operatorForm("Celu", onnxgraph.Attributes{"alpha": a}),
	}, floats, c.x(0)))
}

func (c *call) gelu() []*value {
	switch how := c.attrString("approximate", "none"); how {
	case "none":
		return node(nodes.GELU(c.x(0).node()))
	case "tanh":
		return node(nodes.GELU(c.x(0).node(), nodes.TanhApproximation()))
	default:
		fail("approximate is %q, want none or tanh", how)
		return nil
	}
}

func (c *call) hardSigmoid() []*value {
	a, b := c.attrFloat("alpha", 0.2), c.attrFloat("beta", 0.5)
	return one(c.apply(unary{
		name: fmt.Sprintf("HardSigmoid{%v, %v}", a, b),
		f:    func(x float64) float64 { return max(0, min(1, a*x+b)) },
		df:   func(_, y float64) float64 { return zeroOr(0, a, y > 0 && y < 1) },
		form: operatorForm("HardSigmoid", onnxgraph.Attributes{"alpha": a, "beta": b}),
	}, floats, c.x(0)))
}

func (c *call) thresholdedRelu() []*value {
	a := c.attrFloat("alpha", 1)
	return one(c.apply(unary{
		name: fmt.Sprintf("ThresholdedRelu{%v}", a),
		f:    func(x float64) float64 { return zeroOr(0, x, x > a) },
		df:   func(x, _ float64) float64 { return truth(x > a) },
		form: operatorForm("ThresholdedRelu", onnxgraph.Attributes{"alpha": a}),
	}, floats, c.x(0)))
}

func (c *call) prelu() []*value {
	x, slope := c.x(0), c.x(1)
	if c.f.opset < 7 && len(slope.shape) == 1 && slope.shape[0] > 1 && len(x.shape) > 2 { // of the channels
		slope = c.reshape(slope, append([]int{slope.shape[0]}, ones(len(x.shape)-2)...)...)
	}
	return one(c.operation("PRelu", x, slope))
}

// Clip bounds by attributes, or from opset 11 by inputs.
func (c *call) clip() []*value {
	v := c.x(0)
	for i, bound := range []struct{ op, attribute string }{{"Max", "min"}, {"Min", "max"}} {
		switch {
		case c.attribute(bound.attribute, onnxpb.AttributeProto_FLOAT) != nil:
			v = c.operation(bound.op, v, c.constant(&array{v.kind, nil, []float64{c.attrFloat(bound.attribute, 0)}}))
		case c.has(i + 1):
			b := c.x(i + 1)
			if b.known != nil {
				b = c.constant(b.known())
			}
			v = c.operation(bound.op, v, b)
		}
	}
	return one(v)
}

// overAxis applies f along the axis of a softmax: before opset 13, along all axes from
// that one on together.
func (c *call) overAxis(f func(x *graph.Node, axis int) *graph.Node) []*value {
	x := c.x(0)
	if c.f.opset >= 13 {
		return node(f(x.node(), c.axis(c.attrInt("axis", -1), len(x.shape))))
	}
	axis := c.axis(c.attrInt("axis", 1), len(x.shape))
	if axis == len(x.shape)-1 {
		return node(f(x.node(), axis))
	}
	flat := c.run.reshape(x, sizeOf(x.shape[:axis]), sizeOf(x.shape[axis:]))
	return one(c.run.reshape(computed(floats, f(flat.node(), 1)), x.shape...))
}

func (c *call) softmax() []*value    { return c.overAxis(nodes.Softmax) }
func (c *call) logSoftmax() []*value { return c.overAxis(nodes.LogSoftmax) }
