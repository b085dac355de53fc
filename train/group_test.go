package train_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// called is a parameter with a name.
type called struct {
	*param
	name string
}

func (c called) Name() string { return c.name }

// stepOnce makes a step of SGD with a rate and gradients of 1, from weights of 2, and
// returns by how much each moved.
func stepOnce(t *testing.T, o *train.Optimizer, names ...string) (moved []float64) {
	t.Helper()
	ps := make([]gorgonia.ValueGrad, len(names))
	for i, name := range names {
		p := newParam([]float64{2}, 1)
		p.grad = tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{1}))
		ps[i] = called{p, name}
	}
	if err := o.Step(ps); err != nil {
		t.Fatalf("%+v", err)
	}
	for _, p := range ps {
		moved = append(moved, 2-p.Value().Data().([]float64)[0])
	}
	return moved
}

// Of several groups, the last that sets a thing counts; SetLR is of all.
func TestGroupsByHand(t *testing.T) {
	names := []string{"fc.bias", "fc.weight", "enc.weight", "enc.bias"}
	const lr = 0.5
	for _, c := range []struct {
		opts []train.OptimizerOption
		want [4]float64 // lr * factor * (1 + decay * 2)
	}{
		{nil, [4]float64{lr, lr, lr, lr}},
		{[]train.OptimizerOption{train.Group("enc.*", train.LRFactor(0.5))}, [4]float64{lr, lr, lr / 2, lr / 2}},
		{[]train.OptimizerOption{train.Group("*", train.LRFactor(0.5)), train.Group("*.bias", train.LRFactor(3))}, [4]float64{3 * lr, lr / 2, lr / 2, 3 * lr}},
		{[]train.OptimizerOption{train.Group("*.bias", train.WeightDecay(0)), train.WeightDecay(0.25)}, [4]float64{lr, 1.5 * lr, 1.5 * lr, lr}},
		{
			[]train.OptimizerOption{
				train.Group("*.bias", train.WeightDecay(0.25)), train.Group("enc.*", train.LRFactor(0)),
				train.Group("enc.bias", train.LRFactor(2), nil, train.WeightDecay(0.5)), train.Group("fc.weight"),
			},
			[4]float64{1.5 * lr, lr, 0, 4 * lr},
		},
	} {
		o := train.SGD(1, c.opts...)
		if err := o.SetLR(lr); err != nil {
			t.Fatal(err)
		}
		for i, got := range stepOnce(t, o, names...) {
			if math.Abs(got-c.want[i]) > 1e-15 {
				t.Errorf("%d groups: %s moves by %v, want %v", len(c.opts), names[i], got, c.want[i])
			}
		}
	}
}

func TestGroupRefuses(t *testing.T) {
	nan := math.NaN()
	for want, g := range map[string]train.OptimizerOption{
		`Group: "fc.*": LRFactor: f is -1, want 0 ≤ f < ∞`:                            train.Group("fc.*", train.LRFactor(-1)),
		`Group: "fc.*": LRFactor: f is NaN`:                                           train.Group("fc.*", train.LRFactor(nan)),
		`Group: "fc.*": LRFactor: f is +Inf`:                                          train.Group("fc.*", train.LRFactor(math.Inf(1))),
		`Group: "fc.*": WeightDecay: wd is NaN`:                                       train.Group("fc.*", train.WeightDecay(nan)),
		`Group: "fc.*": WeightDecay: wd is -0.5, want 0 ≤ wd < ∞`:                     train.Group("fc.*", train.LRFactor(1), train.WeightDecay(-0.5)),
		`Group: "fc.*": Momentum is for all parameters, want LRFactor or WeightDecay`: train.Group("fc.*", train.Momentum(0.9)),
		`Group: "fc.*": Group is for all parameters`:                                  train.Group("fc.*", train.Group("fc.bias")),
		`Group: "fc.*": an option is empty, want LRFactor or WeightDecay`:             train.Group("fc.*", train.OptimizerOption{}),
		`Group: "fc[": pattern "fc[" is malformed`:                                    train.Group("fc["),
	} {
		for name, make := range optimizers {
			o := make(0.1, g)
			if err := o.Err(); err == nil || !strings.HasPrefix(err.Error(), "train."+name+": "+want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
}

func TestAGroupOfNoParameter(t *testing.T) {
	p := newParam([]float64{2}, 1)
	p.grad = tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{1}))
	for want, of := range map[string]gorgonia.ValueGrad{
		`train.SGD: Group: pattern "fc" matches no parameter, want fc.* for all below it`: called{p, "fc.weight"},
		`train.SGD: Group: pattern "fc" matches no parameter, want one of conv.weight`:    called{p, "conv.weight"},
		`train.SGD: Group: pattern "fc" matches no parameter, for none has a name`:        p,
	} {
		err := train.SGD(1, train.Group("fc", train.LRFactor(2))).Step([]gorgonia.ValueGrad{of})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if v := p.value.Data().([]float64)[0]; v != 2 {
			t.Errorf("%s: the parameter is %v, want it as it was", want, v)
		}
	}
}
