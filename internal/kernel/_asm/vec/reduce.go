package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// reductions add up in float64. Masked lanes are 0.
var reductions = []loop{
	reduction("sum", "adds Σ x to the lanes of acc", []string{"x"}, func(l level, in []Register) Op { return in[0] }),
	reduction("sumSquares", "adds Σ x² to the lanes of acc", []string{"x"}, func(l level, in []Register) Op {
		return l.mul(f64, in[0], in[0])
	}),
	reductionOf("sumAbs", "adds Σ |x| to the lanes of acc", []string{"x"}, func(l level) func(in []Register) Op {
		sign := l.signBit()
		return func(in []Register) Op { return l.abs(sign, in[0]) }
	}),
	reduction("dot", "adds Σ a·b to the lanes of acc", []string{"a", "b"}, func(l level, in []Register) Op {
		return l.mul(f64, in[1], in[0])
	}),
	{
		name: "maximum", doc: "brings the lanes of acc up to the largest x, NaN left out",
		in: f32, ins: []string{"x"}, unroll: 2, accumulate: true,
		prepare: func(l level, _ []Op) body {
			return func(in []Register, acc, mask Register) []Register {
				y := l.max(f32, acc, in[0])
				if mask != nil {
					y = l.pick(f32, mask, y, acc)
				}
				return []Register{y}
			}
		},
	},
}

func reduction(name, doc string, ins []string, term func(l level, in []Register) Op) loop {
	return reductionOf(name, doc, ins, func(l level) func(in []Register) Op {
		return func(in []Register) Op { return term(l, in) }
	})
}

func reductionOf(name, doc string, ins []string, prepare func(l level) func(in []Register) Op) loop {
	return loop{
		name: name, doc: doc, in: f64, ins: ins, unroll: 2, accumulate: true,
		prepare: func(l level, _ []Op) body {
			term := prepare(l)
			return func(in []Register, acc, _ Register) []Register {
				return []Register{l.add(f64, term(in), acc)}
			}
		},
	}
}
