package main

import (
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
}

func binary(name, doc string, op func(l level, t lanesOf, b, a Op) Register) loop {
	return loop{
		name: name, doc: doc,
		in: f32, outs: []string{"y"}, ins: []string{"a", "b"}, unroll: 4,
		prepare: func(l level, _ []Op) body {
			return simple(func(in []Register) Register { return op(l, f32, in[1], in[0]) })
		},
	}
}
