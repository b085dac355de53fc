package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A curve is a function of each element, of which scalars are parameters; a
// gradient multiplies it by dy. They are computed in float64.
func curve(name, doc string, scalars []string, prepare func(l level, s []Op) func(x Register) Register) loop {
	return loop{
		name: name, doc: doc, note: levelsDiffer, in: f64, outs: []string{"y"}, ins: []string{"x"}, scalars: scalars,
		prepare: func(l level, s []Op) body {
			f := prepare(l, s)
			return simple(func(in []Register) Register { return f(in[0]) })
		},
	}
}

func slope(name, doc, of string, scalars []string, prepare func(l level, s []Op) func(x Register) Register) loop {
	return loop{
		name: name, doc: doc, note: levelsDiffer, in: f64, outs: []string{"dx"}, ins: []string{of, "dy"}, scalars: scalars,
		prepare: func(l level, s []Op) body {
			f := prepare(l, s)
			return simple(func(in []Register) Register { return l.mul(f64, f(in[0]), in[1]) })
		},
	}
}

const levelsDiffer = "Levels differ by a rounding."

var activations = []loop{
	curve("sigmoid", "computes y = 1/(1+exp(-x))", nil, func(l level, _ []Op) func(x Register) Register {
		return l.sigmoid()
	}),
	slope("sigmoidGrad", "computes dx = y·(1-y)·dy", "y", nil, func(l level, _ []Op) func(x Register) Register {
		one := l.float64s(1)
		return func(y Register) Register { return l.mul(f64, y, l.sub(f64, y, l.reg(one))) }
	}),
	curve("tanh", "computes y = tanh(x)", nil, func(l level, _ []Op) func(x Register) Register {
		return l.tanh()
	}),
	slope("tanhGrad", "computes dx = (1-y²)·dy", "y", nil, func(l level, _ []Op) func(x Register) Register {
		one := l.float64s(1)
		return func(y Register) Register { return l.sub(f64, l.mul(f64, y, y), l.reg(one)) }
	}),
	curve("silu", "computes y = x·sigmoid(x)", nil, func(l level, _ []Op) func(x Register) Register {
		sigmoid := l.sigmoid()
		return func(x Register) Register { return l.mul(f64, sigmoid(x), x) }
	}),
	slope("siluGrad", "computes dx = p·(1+x·(1-p))·dy with p = sigmoid(x)", "x", nil, func(l level, _ []Op) func(x Register) Register {
		sigmoid, one := l.sigmoid(), l.float64s(1)
		return func(x Register) Register {
			p := sigmoid(x)
			return l.mul(f64, p, l.add(f64, one, l.mul(f64, x, l.sub(f64, p, l.reg(one)))))
		}
	}),
	curve("gelu", "computes y = x·Φ(x)", nil, func(l level, _ []Op) func(x Register) Register {
		normal := l.normal()
		return func(x Register) Register {
			phi, _ := normal(x)
			return l.mul(f64, phi, x)
		}
	}),
	slope("geluGrad", "computes dx = (Φ(x)+x·φ(x))·dy", "x", nil, func(l level, _ []Op) func(x Register) Register {
		normal, density := l.normal(), l.float64s(1/math.Sqrt(2*math.Pi))
		return func(x Register) Register {
			phi, e := normal(x)
			return l.add(f64, phi, l.mul(f64, x, l.mul(f64, density, e)))
		}
	}),
	// (1+tanh(u))/2 = sigmoid(2u), which does not cancel.
	curve("geluTanh", "computes y = x/2·(1+tanh(√(2/π)·(x+0.044715·x³)))", nil, func(l level, _ []Op) func(x Register) Register {
		sigmoid, inner := l.sigmoid(), l.geluInner()
		return func(x Register) Register {
			u, _ := inner(x)
			return l.mul(f64, sigmoid(u), x)
		}
	}),
	slope("geluTanhGrad", "computes dx = dy times the derivative of GeluTanh", "x", nil, func(l level, _ []Op) func(x Register) Register {
		sigmoid, inner, one := l.sigmoid(), l.geluInner(), l.float64s(1)
		return func(x Register) Register {
			u, du := inner(x)
			p := sigmoid(u)
			return l.add(f64, p, l.mul(f64, du, l.mul(f64, x, l.mul(f64, p, l.sub(f64, p, l.reg(one))))))
		}
	}),
	curve("elu", "computes y = a·x where x > 0, else b·(exp(x)-1)", []string{"a", "b"}, func(l level, s []Op) func(x Register) Register {
		expm1, zero := l.expm1(), l.zero()
		return func(x Register) Register {
			positive := l.cmp(f64, greater, zero, x)
			return l.pick(f64, positive, l.mul(f64, s[0], x), l.mul(f64, s[1], expm1(x)))
		}
	}),
	slope("eluGrad", "computes dx = a·dy where x > 0, else b·exp(x)·dy", "x", []string{"a", "b"}, func(l level, s []Op) func(x Register) Register {
		exp, zero := l.exp(), l.zero()
		return func(x Register) Register {
			positive := l.cmp(f64, greater, zero, x)
			return l.pick(f64, positive, s[0], l.mul(f64, s[1], exp(x)))
		}
	}),
	curve("softplus", "computes y = log(1+exp(beta·x))/beta, and y = x where beta·x > threshold", []string{"beta", "threshold"},
		func(l level, s []Op) func(x Register) Register {
			exp, log1p, sign, zero := l.exp(), l.log1p(), l.signBit(), l.zero()
			return func(x Register) Register {
				z := l.mul(f64, s[0], x)
				tail := log1p(exp(l.or(sign, z)))
				y := l.div(f64, s[0], l.add(f64, tail, l.max(f64, z, zero)))
				return l.pick(f64, l.cmp(f64, greater, s[1], z), x, y)
			}
		}),
	slope("softplusGrad", "computes dx = sigmoid(beta·x)·dy, and dx = dy where beta·x > threshold", "x", []string{"beta", "threshold"},
		func(l level, s []Op) func(x Register) Register {
			sigmoid, one := l.sigmoid(), l.float64s(1)
			return func(x Register) Register {
				z := l.mul(f64, s[0], x)
				return l.pick(f64, l.cmp(f64, greater, s[1], z), l.reg(one), sigmoid(z))
			}
		}),
}

// geluInner is 2u and its derivative, for u = √(2/π)·(x+0.044715·x³).
func (l level) geluInner() func(x Register) (u, du Register) {
	const cubic = 0.044715
	twice := 2 * math.Sqrt(2/math.Pi)
	linear, c, c3 := l.float64s(twice), l.float64s(twice*cubic), l.float64s(3*twice*cubic)
	return func(x Register) (u, du Register) {
		x2 := l.mul(f64, x, x)
		u = l.mul(f64, x, l.add(f64, linear, l.mul(f64, c, x2)))
		return u, l.add(f64, linear, l.mul(f64, c3, x2))
	}
}

// softmaxes are the passes of a softmax over a line, and binary cross-entropy.
var softmaxes = []loop{
	{
		name: "expLine", doc: "computes y = exp(x-shift), and adds Σ y to the lanes of acc",
		in: f64, outs: []string{"y"}, ins: []string{"x"}, scalars: []string{"shift"}, accumulate: true,
		prepare: func(l level, s []Op) body {
			f := l.expSum(s[0])
			return func(in []Register, acc, mask Register) []Register {
				p, sum := f(in[0], acc, mask)
				return []Register{p, sum}
			}
		},
	},
	{
		name: "expSum", doc: "adds Σ exp(x-shift) to the lanes of acc",
		in: f64, ins: []string{"x"}, scalars: []string{"shift"}, accumulate: true,
		prepare: func(l level, s []Op) body {
			f := l.expSum(s[0])
			return func(in []Register, acc, mask Register) []Register {
				_, sum := f(in[0], acc, mask)
				return []Register{sum}
			}
		},
	},
	{
		name: "scaleLine", doc: "computes y = a·x in float64",
		in: f64, outs: []string{"y"}, ins: []string{"x"}, scalars: []string{"a"}, unroll: 2,
		prepare: func(l level, s []Op) body {
			return simple(func(in []Register) Register { return l.mul(f64, s[0], in[0]) })
		},
	},
	{
		name: "shiftLine", doc: "computes y = x-a-b in float64",
		in: f64, outs: []string{"y"}, ins: []string{"x"}, scalars: []string{"a", "b"}, unroll: 2,
		prepare: func(l level, s []Op) body {
			return simple(func(in []Register) Register { return l.sub(f64, s[1], l.sub(f64, s[0], in[0])) })
		},
	},
	{
		name: "softmaxGradLine", doc: "computes dx = y·(dy-dot) in float64",
		in: f64, outs: []string{"dx"}, ins: []string{"y", "dy"}, scalars: []string{"dot"},
		prepare: func(l level, s []Op) body {
			return simple(func(in []Register) Register { return l.mul(f64, l.sub(f64, s[0], in[1]), in[0]) })
		},
	},
	{
		name: "logSoftmaxGradLine", doc: "computes dx = dy-exp(y)·sum in float64", note: levelsDiffer,
		in: f64, outs: []string{"dx"}, ins: []string{"y", "dy"}, scalars: []string{"sum"},
		prepare: func(l level, s []Op) body {
			exp := l.exp()
			return simple(func(in []Register) Register {
				return l.sub(f64, l.mul(f64, s[0], exp(in[0])), in[1])
			})
		},
	},
	{
		name: "binaryEntropy", doc: "computes y = t·softplus(-x)+(1-t)·softplus(x)", note: levelsDiffer,
		in: f64, outs: []string{"y"}, ins: []string{"x", "t"},
		prepare: func(l level, _ []Op) body {
			exp, log1p, sign, zero, one := l.exp(), l.log1p(), l.signBit(), l.zero(), l.float64s(1)
			return simple(func(in []Register) Register {
				x, t := in[0], in[1]
				tail := log1p(exp(l.or(sign, x)))
				right := l.add(f64, tail, l.max(f64, l.negate(sign, x), zero))
				wrong := l.add(f64, tail, l.max(f64, x, zero))
				return l.add(f64, l.mul(f64, right, t), l.mul(f64, wrong, l.sub(f64, t, l.reg(one))))
			})
		},
	},
	{
		name: "binaryEntropyGrad", doc: "computes dx = (sigmoid(x)-t)·dy", note: levelsDiffer,
		in: f64, outs: []string{"dx"}, ins: []string{"x", "t", "dy"},
		prepare: func(l level, _ []Op) body {
			sigmoid := l.sigmoid()
			return simple(func(in []Register) Register {
				return l.mul(f64, l.sub(f64, in[1], sigmoid(in[0])), in[2])
			})
		},
	},
}

func (l level) expSum(shift Op) func(x, acc, mask Register) (p, sum Register) {
	exp := l.exp()
	return func(x, acc, mask Register) (p, sum Register) {
		p = exp(l.sub(f64, shift, x))
		counted := p
		if mask != nil {
			counted = l.keep(f64, mask, p)
		}
		return p, l.add(f64, counted, acc)
	}
}
