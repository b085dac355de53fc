package train_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestOptimizerRefusesParameters(t *testing.T) {
	good := func() *param {
		p := newParam([]float64{1, 2, 3, 4}, 2, 2)
		p.grad = tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 1, 1, 1}))
		return p
	}
	for want, change := range map[string]func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad{
		"got 1 parameters, want the 2 of the first step": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad { return ps[:1] },
		"parameter 1 is nil":                             func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad { return []gorgonia.ValueGrad{ps[0], nil} },
		"parameter 1: value: has shape (4), want (2, 2)": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			ps[1] = newParam(make([]float64, 4), 4)
			return ps
		},
		"parameter 1: value: has type float32, want float64": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			ps[1] = newParam(make([]float32, 4), 2, 2)
			return ps
		},
		"parameter 1: gradient: has type float32, want float64": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			ps[1].(*param).grad = newParam(make([]float32, 4), 2, 2).value
			return ps
		},
		"parameter 1: gradient: has shape (1, 4), want (2, 2)": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			ps[1].(*param).grad = newParam(make([]float64, 4), 1, 4).value
			return ps
		},
		"parameter 1: gradient: is a transposed": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			if err := ps[1].(*param).grad.(*tensor.Dense).T(); err != nil {
				t.Fatal(err)
			}
			return ps
		},
		"parameter 1: gradient: no such luck": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			ps[1].(*param).err = errors.New("no such luck")
			return ps
		},
		"parameter 1: value: is nil": func(ps []gorgonia.ValueGrad) []gorgonia.ValueGrad {
			ps[1].(*param).value = nil
			return ps
		},
	} {
		ps := valueGrads([]*param{good(), good()})
		o := train.Adam(0.1)
		if err := o.Step(ps); err != nil {
			t.Fatal(err)
		}
		before := bits(ps[:1])
		expect(t, o.Step(change(ps)), want)
		if !slices.Equal(bits(ps[:1]), before) {
			t.Errorf("%s: the failed step has moved parameter 0", want)
		}
	}
	expect(t, train.SGD(1).Step([]gorgonia.ValueGrad{newParam([]int{1}, 1)}), "parameter 0: has type int, want float32 or float64")
	expect(t, train.SGD(1).Step([]gorgonia.ValueGrad{&param{}}), "parameter 0: has no value")
	shared := good()
	expect(t, train.SGD(1).Step(valueGrads([]*param{shared, shared})), "parameter 1: shares its memory with parameter 0")
}

func TestOptimizerRefusesArguments(t *testing.T) {
	nan := math.NaN()
	for want, o := range map[string]*train.Optimizer{
		"train.Adam: lr is -1, want 0 ≤ lr < ∞":                train.Adam(-1),
		"train.SGD: lr is NaN, want":                           train.SGD(nan),
		"train.RMSProp: lr is +Inf, want":                      train.RMSProp(math.Inf(1)),
		"train.Adam: Nesterov does not apply":                  train.Adam(1, train.Nesterov()),
		"train.SGD: Betas does not apply":                      train.SGD(1, train.Betas(0.9, 0.9)),
		"train.RMSProp: Dampening does not apply":              train.RMSProp(1, train.Dampening(0.1)),
		"train.Adagrad: Momentum does not apply":               train.Adagrad(1, train.Momentum(0.1)),
		"train.AdamW: Alpha does not apply":                    train.AdamW(1, train.Alpha(0.1)),
		"train.Adam: Betas: beta1 is 1, want 0 ≤ beta1 < 1":    train.Adam(1, train.Betas(1, 0.9)),
		"train.Adam: Betas: beta2 is NaN, want 0 ≤ beta2 < 1":  train.Adam(1, train.Betas(0.9, nan)),
		"train.Adam: Eps: eps is -1, want":                     train.Adam(1, train.Eps(-1)),
		"train.AdamW: WeightDecay: wd is NaN, want":            train.AdamW(1, train.WeightDecay(nan)),
		"train.SGD: Momentum: m is 9, want 0 ≤ m < 1":          train.SGD(1, train.Momentum(9)),
		"train.SGD: Dampening: d is -1, want":                  train.SGD(1, train.Dampening(-1)),
		"train.SGD: momentum is 0 and dampening 0, want":       train.SGD(1, train.Nesterov()),
		"train.SGD: momentum is 0.9 and dampening 0.5, want":   train.SGD(1, train.Nesterov(), train.Momentum(0.9), train.Dampening(0.5)),
		"train.SGD: dampening is 0.5 without momentum":         train.SGD(1, train.Dampening(0.5)),
		"train.RMSProp: Alpha: alpha is 1, want 0 ≤ alpha < 1": train.RMSProp(1, train.Alpha(1)),
		"train.Adagrad: LRDecay: d is -1, want":                train.Adagrad(1, train.LRDecay(-1)),
		"train.Adagrad: InitialAccumulator: v is -1, want":     train.Adagrad(1, train.InitialAccumulator(-1)),
		"train.SGD: ClipNorm: max is 0, want max > 0":          train.SGD(1, train.ClipNorm(0)),
		"train.SGD: ClipValue: limit is NaN, want limit > 0":   train.SGD(1, train.ClipValue(nan)),
		"train.SGD: both ClipNorm and ClipValue are given":     train.SGD(1, train.ClipNorm(1), train.ClipValue(1)),
		"train.SGD: option 0 is empty, want what a function":   train.SGD(1, train.OptimizerOption{}),
	} {
		expect(t, o.Err(), want)
		expect(t, o.Step(nil), want)
	}
	o := train.SGD(0.5)
	expect(t, o.SetLR(-1), "train.SGD: lr is -1, want 0 ≤ lr < ∞")
	if err := o.SetLR(0.25); err != nil || o.LR() != 0.25 || o.BaseLR() != 0.5 {
		t.Errorf("after SetLR(0.25): LR is %v, BaseLR %v, error %v, want 0.25, 0.5 and none", o.LR(), o.BaseLR(), err)
	}
}

func expect(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %q, want one with %q", fmt.Sprint(err), want)
	}
}
