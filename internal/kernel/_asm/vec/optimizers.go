package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// optimizers are the updates of parameters p by gradients g, with all moments in
// one pass. They round where the Go versions do: no product is fused with a sum.
//
// Each begins with what makes of a gradient what the rule works on; see
// incoming.
var optimizers = []loop{
	optimizer("descend", "is an update without momentum", nil, []string{"lr"},
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			return map[string]Register{"p": l.sub(f32, l.mul(f32, s["lr"], d), x["p"])}
		}),
	optimizer("roll", "is an update with momentum b", []string{"b"}, []string{"keep", "add", "lr"},
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			b := mean(l, s["keep"], x["b"], l.mul(f32, s["add"], d))
			return map[string]Register{"b": b, "p": l.sub(f32, l.mul(f32, s["lr"], b), x["p"])}
		}),
	optimizer("nesterov", "is an update that looks ahead along momentum b", []string{"b"}, []string{"keep", "add", "ahead", "lr"},
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			b := mean(l, s["keep"], x["b"], l.mul(f32, s["add"], d))
			d = l.add(f32, l.mul(f32, s["ahead"], b), d)
			return map[string]Register{"b": b, "p": l.sub(f32, l.mul(f32, s["lr"], d), x["p"])}
		}),
	optimizer("adam", "is an update of Adam with moments m and v", []string{"m", "v"}, adamScalars,
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			m, v := adamMoments(l, d, x, s)
			return map[string]Register{"m": m, "v": v, "p": adamStep(l, m, v, x, s)}
		}),
	optimizer("amsgrad", "is an update of AMSGrad with moments m and v, the largest of which is most", []string{"m", "v", "most"}, adamScalars,
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			m, v := adamMoments(l, d, x, s)
			// A NaN of either stays.
			most := l.max(f32, v, x["most"])
			most = l.pick(f32, l.cmp(f32, unordered, x["most"], x["most"]), x["most"], most)
			return map[string]Register{"m": m, "v": v, "most": most, "p": adamStep(l, m, most, x, s)}
		}),
	rmsprop("rmsprop", "is an update of RMSProp with the mean v", false, false),
	rmsprop("rmspropMomentum", "is an update of RMSProp with the mean v and momentum b", true, false),
	rmsprop("rmspropCentered", "is an update of centred RMSProp with the means v and a", false, true),
	rmsprop("rmspropBoth", "is an update of centred RMSProp with the means v and a and momentum b", true, true),
	optimizer("adagrad", "is an update of Adagrad with the sum v", []string{"v"}, []string{"rate", "eps"},
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			v := l.add(f32, l.mul(f32, d, d), x["v"])
			root := l.add(f32, s["eps"], l.sqrt(f32, v))
			return map[string]Register{"v": v, "p": l.sub(f32, l.div(f32, root, l.mul(f32, s["rate"], d)), x["p"])}
		}),
}

var adamScalars = []string{"shrink", "keep1", "add1", "keep2", "add2", "rate", "bias2", "eps"}

// mean is keep·old + part.
func mean(l level, keep, old Op, part Register) Register {
	return l.add(f32, part, l.mul(f32, keep, old))
}

func adamMoments(l level, d Register, x, s map[string]Op) (m, v Register) {
	m = mean(l, s["keep1"], x["m"], l.mul(f32, s["add1"], d))
	v = mean(l, s["keep2"], x["v"], l.mul(f32, d, l.mul(f32, s["add2"], d)))
	return m, v
}

func adamStep(l level, m, v Register, x, s map[string]Op) Register {
	root := l.add(f32, s["eps"], l.div(f32, s["bias2"], l.sqrt(f32, v)))
	step := l.div(f32, root, l.mul(f32, s["rate"], m))
	return l.sub(f32, step, l.mul(f32, s["shrink"], x["p"]))
}

func rmsprop(name, doc string, momentum, centered bool) loop {
	moments, scalars := []string{"v"}, []string{"keep", "add", "eps"}
	if momentum {
		moments, scalars = append(moments, "b"), append(scalars, "momentum")
	}
	if centered {
		moments = append(moments, "a")
	}
	return optimizer(name, doc, moments, append(scalars, "lr"),
		func(l level, d Register, x, s map[string]Op) map[string]Register {
			v := mean(l, s["keep"], x["v"], l.mul(f32, d, l.mul(f32, s["add"], d)))
			out := map[string]Register{"v": v}
			if centered {
				a := mean(l, s["keep"], x["a"], l.mul(f32, s["add"], d))
				out["a"] = a
				v = l.max(f32, l.sub(f32, l.mul(f32, a, a), v), l.zero()) // NaN stays
			}
			root := l.add(f32, s["eps"], l.sqrt(f32, v))
			var step Register
			if momentum {
				b := mean(l, s["momentum"], x["b"], l.div(f32, root, d))
				out["b"] = b
				step = l.mul(f32, s["lr"], b)
			} else {
				step = l.div(f32, root, l.mul(f32, s["lr"], d))
			}
			out["p"] = l.sub(f32, step, x["p"])
			return out
		})
}

// optimizer makes a loop of a rule that maps the incoming gradient d, the moments
// and p to their new values.
func optimizer(name, doc string, moments, scalars []string, rule func(l level, d Register, x, s map[string]Op) map[string]Register) loop {
	outs := append([]string{"p"}, moments...)
	ins := slices.Concat([]string{"p", "grad"}, moments)
	scalars = slices.Concat([]string{"scale", "limit", "decay"}, scalars)
	return loop{
		name: name, doc: doc, in: f32, outs: outs, ins: ins, scalars: scalars,
		note: "The gradient is scaled, held to ±limit, and joined by decay·p unless decay is 0.",
		prepare: func(l level, ops []Op) body {
			s := map[string]Op{}
			for i, name := range scalars {
				s[name] = ops[i]
			}
			zero := l.zero()
			floor := l.sub(f32, s["limit"], zero)
			decays := l.cmp(f32, notEqual, s["decay"], zero)
			return func(in []Register, _, _ Register) []Register {
				x := map[string]Op{}
				for i, name := range ins {
					x[name] = in[i]
				}
				d := l.mul(f32, s["scale"], x["grad"])
				d = l.max(f32, l.min(f32, d, l.reg(s["limit"])), floor)
				d = l.pick(f32, decays, l.add(f32, l.mul(f32, s["decay"], x["p"]), d), d)
				new := rule(l, d, x, s)
				out := make([]Register, len(outs))
				for i, name := range outs {
					out[i] = new[name]
				}
				return out
			}
		},
	}
}
