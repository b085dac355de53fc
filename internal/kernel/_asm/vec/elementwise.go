package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// elementwise are the loops of one rounding or two an element, which no more
// than keep up with the memory.
var elementwise = []loop{
	binary("add", "computes y = a+b", level.add),
	binary("sub", "computes y = a-b", level.sub),
	binary("mul", "computes y = a·b", level.mul),
	binary("div", "computes y = a/b", level.div),
	{
		name: "add3", doc: "computes y = a+b+c",
		in: f32, outs: []string{"y"}, ins: []string{"a", "b", "c"}, unroll: 2,
		prepare: func(l level, _ []Op) body {
			return simple(func(in []Register) Register { return l.add(f32, in[2], l.add(f32, in[1], in[0])) })
		},
	},
	{
		name: "add4", doc: "computes y = a+b+c+d",
		in: f32, outs: []string{"y"}, ins: []string{"a", "b", "c", "d"}, unroll: 2,
		prepare: func(l level, _ []Op) body {
			return simple(func(in []Register) Register {
				return l.add(f32, in[3], l.add(f32, in[2], l.add(f32, in[1], in[0])))
			})
		},
	},
	{
		name: "addScalar", doc: "computes y = x+a",
		in: f32, outs: []string{"y"}, ins: []string{"x"}, scalars: []string{"a"}, unroll: 4,
		prepare: func(l level, s []Op) body {
			return simple(func(in []Register) Register { return l.add(f32, s[0], in[0]) })
		},
	},
	{
		name: "mulScalar", doc: "computes y = x·a",
		in: f32, outs: []string{"y"}, ins: []string{"x"}, scalars: []string{"a"}, unroll: 4,
		prepare: func(l level, s []Op) body {
			return simple(func(in []Register) Register { return l.mul(f32, s[0], in[0]) })
		},
	},
	{
		name: "relu", doc: "computes y = 0 where x ≤ 0, else x",
		in: f32, outs: []string{"y"}, ins: []string{"x"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			zero := l.zero()
			return simple(func(in []Register) Register {
				return l.keep(f32, l.cmp(f32, notLessOrEqual, zero, in[0]), in[0])
			})
		},
	},
	{
		name: "reluGrad", doc: "computes dx = 0 where y ≤ 0, else dy",
		in: f32, outs: []string{"dx"}, ins: []string{"y", "dy"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			zero := l.zero()
			return simple(func(in []Register) Register {
				return l.keep(f32, l.cmp(f32, notLessOrEqual, zero, in[0]), in[1])
			})
		},
	},
	{
		name: "leakyGrad", doc: "computes dx = dy where x > 0, else slope·dy",
		in: f32, outs: []string{"dx"}, ins: []string{"x", "dy"}, scalars: []string{"slope"}, unroll: 2,
		prepare: func(l level, s []Op) body {
			zero := l.zero()
			return simple(func(in []Register) Register {
				return l.pick(f32, l.cmp(f32, greater, zero, in[0]), in[1], l.mul(f32, s[0], in[1]))
			})
		},
	},
	{
		name: "mulCells", doc: "computes y = 0 where k is 0, else x·k",
		in: f32, outs: []string{"y"}, ins: []string{"x", "k"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			zero := l.zero()
			return simple(func(in []Register) Register {
				return l.keep(f32, l.cmp(f32, notEqual, zero, in[1]), l.mul(f32, in[1], in[0]))
			})
		},
	},
	{
		name: "squaredError", doc: "computes y = (x-t)²",
		in: f32, outs: []string{"y"}, ins: []string{"x", "t"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			return simple(func(in []Register) Register {
				d := l.sub(f32, in[1], in[0])
				return l.mul(f32, d, d)
			})
		},
	},
	{
		name: "squaredErrorGrad", doc: "computes dx = 2·(x-t)·dy",
		in: f32, outs: []string{"dx"}, ins: []string{"x", "t", "dy"}, unroll: 2,
		prepare: func(l level, _ []Op) body {
			return simple(func(in []Register) Register {
				d := l.sub(f32, in[1], in[0])
				return l.mul(f32, in[2], l.add(f32, d, d))
			})
		},
	},
	{
		name: "absError", doc: "computes y = |x-t|",
		in: f32, outs: []string{"y"}, ins: []string{"x", "t"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			magnitude := l.magnitude()
			return simple(func(in []Register) Register { return l.absDifference(magnitude, in[0], in[1]) })
		},
	},
	{
		name: "absErrorGrad", doc: "computes dx = sign(x-t)·dy; the sign of NaN is 0",
		in: f32, outs: []string{"dx"}, ins: []string{"x", "t", "dy"}, unroll: 2,
		prepare: func(l level, _ []Op) body {
			one := l.float32s(1)
			return simple(func(in []Register) Register {
				up := l.keep(f32, l.cmp(f32, greater, in[1], in[0]), one)
				down := l.keep(f32, l.cmp(f32, less, in[1], in[0]), one)
				return l.mul(f32, in[2], l.sub(f32, down, up))
			})
		},
	},
	{
		name: "huber", doc: "computes y = n·(d-n/2) with d = |x-t| and n = min(d, delta)",
		in: f32, outs: []string{"y"}, ins: []string{"x", "t"}, scalars: []string{"delta"}, unroll: 2,
		prepare: func(l level, s []Op) body {
			magnitude, half := l.magnitude(), l.float32s(0.5)
			return simple(func(in []Register) Register {
				d := l.absDifference(magnitude, in[0], in[1])
				near := l.min(f32, d, l.reg(s[0])) // NaN stays
				return l.mul(f32, near, l.sub(f32, l.mul(f32, half, near), d))
			})
		},
	},
	{
		name: "huberGrad", doc: "computes dx = (x-t)·dy with x-t held to ±delta",
		in: f32, outs: []string{"dx"}, ins: []string{"x", "t", "dy"}, scalars: []string{"delta"}, unroll: 2,
		prepare: func(l level, s []Op) body {
			floor := l.sub(f32, s[0], l.zero())
			return simple(func(in []Register) Register {
				d := l.sub(f32, in[1], in[0])
				return l.mul(f32, in[2], l.max(f32, l.min(f32, d, l.reg(s[0])), floor))
			})
		},
	},
	{
		name: "signScale", doc: "computes y = a where x > 0, -a where x < 0, else 0",
		in: f32, outs: []string{"y"}, ins: []string{"x"}, scalars: []string{"a"}, unroll: 4,
		prepare: func(l level, s []Op) body {
			zero := l.zero()
			minus := l.sub(f32, s[0], zero)
			return simple(func(in []Register) Register {
				up := l.keep(f32, l.cmp(f32, greater, zero, in[0]), s[0])
				return l.pick(f32, l.cmp(f32, less, zero, in[0]), minus, up)
			})
		},
	},
}

// absDifference is |x-t|, given the mask of all bits but the sign.
func (l level) absDifference(magnitude, x, t Register) Register {
	return l.op(func(o ...Op) { VANDPS(o...) }, magnitude, l.sub(f32, t, x))
}

func (l level) magnitude() Register { return l.float32s(math.Float32frombits(1<<31 - 1)) }

func binary(name, doc string, op func(l level, t lanesOf, b, a Op) Register) loop {
	return loop{
		name: name, doc: doc,
		in: f32, outs: []string{"y"}, ins: []string{"a", "b"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			return simple(func(in []Register) Register { return op(l, f32, in[1], in[0]) })
		},
	}
}
