package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const cellsDiffer = "Levels differ by some roundings."

// cells are one time step of recurrent units, in float32. What has the name of an
// input is read before it is written, so that outputs may be inputs.
var cells = []loop{
	{
		name: "lstm", doc: "computes a step of LSTM units: in, forget and out become sigmoid and cell tanh of what they hold plus their sum, c = forget·before+in·cell and h = out·tanh(c)",
		note: cellsDiffer, in: f32,
		outs: []string{"in", "forget", "cell", "out", "c", "h"}, ins: []string{"in", "forget", "cell", "out", "sIn", "sForget", "sCell", "sOut", "before"},
		prepare: func(l level, _ []Op) body {
			sigmoid, tanh := l.sigmoid32(), l.tanh32()
			return func(in []Register, _, _ Register) []Register {
				i, f := sigmoid(l.add(f32, in[4], in[0])), sigmoid(l.add(f32, in[5], in[1]))
				g, o := tanh(l.add(f32, in[6], in[2])), sigmoid(l.add(f32, in[7], in[3]))
				c := l.fma32(l.mul(f32, in[8], f), i, l.copyOf(g))
				return []Register{i, f, g, o, c, l.mul(f32, tanh(c), o)}
			}
		},
	},
	{
		name: "lstmGrad", doc: "computes the gradients of a step of LSTM units: of what went into in, forget, cell and out, and dc, which comes in as that of c and goes out as that of before",
		note: cellsDiffer, in: f32,
		outs: []string{"dIn", "dForget", "dCell", "dOut", "dc"}, ins: []string{"in", "forget", "cell", "out", "c", "before", "dh", "dc"},
		prepare: func(l level, _ []Op) body {
			tanh, one := l.tanh32(), l.all32(1)
			slope := func(y Register) Register { return l.mul(f32, y, l.sub(f32, y, l.reg(one))) }
			curve := func(y Register) Register { return l.sub(f32, l.mul(f32, y, y), l.reg(one)) }
			return func(in []Register, _, _ Register) []Register {
				i, f, g, o, before, dh, dc := in[0], in[1], in[2], in[3], in[5], in[6], in[7]
				y := tanh(in[4])
				do := l.mul(f32, slope(o), l.mul(f32, y, dh))
				state := l.fma32(dc, curve(y), l.mul(f32, o, dh))
				di := l.mul(f32, slope(i), l.mul(f32, g, state))
				df := l.mul(f32, slope(f), l.mul(f32, before, state))
				dg := l.mul(f32, curve(g), l.mul(f32, i, state))
				return []Register{di, df, dg, do, l.mul(f32, f, state)}
			}
		},
	},
	{
		name: "gru", doc: "computes a step of GRU units: r and z become sigmoid of what they hold plus sr and sz, a becomes tanh of what it holds plus r·sa, m is sa, and h = z·(before-a)+a",
		note: cellsDiffer, in: f32,
		outs: []string{"r", "z", "a", "m", "h"}, ins: []string{"r", "z", "a", "sr", "sz", "sa", "before"},
		prepare: func(l level, _ []Op) body {
			sigmoid, tanh := l.sigmoid32(), l.tanh32()
			return func(in []Register, _, _ Register) []Register {
				r, z := sigmoid(l.add(f32, in[3], in[0])), sigmoid(l.add(f32, in[4], in[1]))
				a := tanh(l.fma32(in[2], in[5], l.copyOf(r)))
				return []Register{r, z, a, in[5], l.fma32(a, z, l.sub(f32, a, in[6]))}
			}
		},
	},
	{
		name: "gruGrad", doc: "computes the gradients of a step of GRU units: of what went into r, z and a, of sa in dm, and what of that of before does not come through them, carry",
		note: cellsDiffer, in: f32,
		outs: []string{"dr", "dz", "da", "dm", "carry"}, ins: []string{"r", "z", "a", "m", "before", "dh"},
		prepare: func(l level, _ []Op) body {
			one := l.all32(1)
			slope := func(y Register) Register { return l.mul(f32, y, l.sub(f32, y, l.reg(one))) }
			return func(in []Register, _, _ Register) []Register {
				r, z, a, m, before, dh := in[0], in[1], in[2], in[3], in[4], in[5]
				dz := l.mul(f32, slope(z), l.mul(f32, l.sub(f32, a, before), dh))
				da := l.mul(f32, l.sub(f32, l.mul(f32, a, a), l.reg(one)), l.mul(f32, l.sub(f32, z, l.reg(one)), dh))
				dr := l.mul(f32, slope(r), l.mul(f32, m, da))
				return []Register{dr, dz, da, l.mul(f32, r, da), l.mul(f32, z, dh)}
			}
		},
	},
	{
		name: "tanhOfSum", doc: "computes y = tanh(a+b)", note: cellsDiffer, in: f32, outs: []string{"y"}, ins: []string{"a", "b"},
		prepare: func(l level, _ []Op) body {
			tanh := l.tanh32()
			return simple(func(in []Register) Register { return tanh(l.add(f32, in[1], in[0])) })
		},
	},
}
