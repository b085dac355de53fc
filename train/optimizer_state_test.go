package train_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func TestOptimizerGoesOnFromItsState(t *testing.T) {
	for name, make := range everyOptimizer {
		ps, grads := problem(5, 3)
		o := make()
		steps(t, o, ps, grads, 0, 4)
		state := o.State()
		resumedPs, _ := problem(5, 3)
		for i, p := range resumedPs {
			if err := tensor.Copy(p.Value().(tensor.Tensor), ps[i].Value().(tensor.Tensor)); err != nil {
				t.Fatal(err)
			}
			p.(*param).grad = ps[i].(*param).grad
		}
		steps(t, o, ps, grads, 4, 8) // leaves state alone, for it is a copy

		resumed := make()
		if err := resumed.Restore(state); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := resumed.State(); fmt.Sprint(got) != fmt.Sprint(state) {
			t.Errorf("%s: state after Restore is\n%v, want\n%v", name, got, state)
		}
		for _, s := range append(state, resumed.State()...) {
			s.Value.Zero() // both are copies
		}
		steps(t, resumed, resumedPs, grads, 4, 8)
		if !slices.Equal(bits(resumedPs), bits(ps)) {
			t.Errorf("%s: a resumed run gave other bits than one without a break", name)
		}
		if got, want := fmt.Sprint(resumed.State()), fmt.Sprint(o.State()); got != want {
			t.Errorf("%s: state of the resumed run is\n%v, want\n%v", name, got, want)
		}
	}
}

func TestRestoreForgetsEarlierSteps(t *testing.T) {
	o := train.Adam(0.1)
	for range 2 {
		ps, grads := problem(2, 1)
		steps(t, o, ps, grads, 0, 3)
		fresh, _ := problem(2, 1)
		fresh[0].(*param).grad, fresh[1].(*param).grad = ps[0].(*param).grad, ps[1].(*param).grad
		steps(t, train.Adam(0.1), fresh, grads, 0, 3)
		if !slices.Equal(bits(ps), bits(fresh)) {
			t.Error("after restoring an empty state, an optimiser is not as new")
		}
		if err := o.Restore(train.Adam(0.1).State()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOptimizerStateNames(t *testing.T) {
	ps, grads := problem(2, 1)
	o := train.RMSProp(0.1, train.Momentum(0.5), train.Centered())
	if s := o.State(); len(s) != 0 {
		t.Errorf("before the first step the state is %v, want none", s)
	}
	steps(t, o, ps, grads, 0, 1)
	var got []string
	for _, s := range o.State() {
		got = append(got, fmt.Sprintf("%s %v%v", s.Name, s.Value.Dtype(), s.Value.Shape()))
	}
	want := []string{
		"0.step int64()", "0.square_avg float32(2)", "0.momentum_buffer float32(2)", "0.grad_avg float32(2)",
		"1.step int64()", "1.square_avg float64(1)", "1.momentum_buffer float64(1)", "1.grad_avg float64(1)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestOptimizerRefusesAForeignState(t *testing.T) {
	ps, grads := problem(2, 1)
	adam := train.Adam(0.1)
	steps(t, adam, ps, grads, 0, 1)
	state := adam.State()
	expect(t, train.SGD(0.1).Restore(state), `state 1 is "0.exp_avg", want "1.step"`)
	expect(t, train.Adam(0.1, train.AMSGrad()).Restore(state), `state 3 is "1.step", want "0.max_exp_avg_sq"`)
	expect(t, adam.Restore(state[:2]), `state ends at 0.exp_avg, want 3 tensors for each parameter`)
	expect(t, adam.Restore([]train.NamedTensor{{Name: "0.step"}}), `state 0.step has no value`)

	// What only the parameters can tell.
	with := func(i int, v *tensor.Dense) []train.NamedTensor {
		changed := slices.Clone(state)
		changed[i].Value = v
		return changed
	}
	for _, c := range []struct {
		state []train.NamedTensor
		sizes []int
		want  string
	}{
		{state, []int{2}, "got 1 parameters, want the 2 of the restored state"},
		{state, []int{2, 4}, "parameter 1: restored state: 1.exp_avg: has shape (1), want (4)"},
		{with(4, state[1].Value), []int{2, 1}, "parameter 1: restored state: 1.exp_avg: has type float32, want float64"},
		{with(3, state[1].Value), []int{2, 1}, "parameter 1: restored state: step is float32 of shape (2), want an int64 scalar"},
		{with(0, tensor.New(tensor.FromScalar(int64(-1)))), []int{2, 1}, "parameter 0: restored state: step is -1, want at least 0"},
	} {
		o := train.Adam(0.1)
		if err := o.Restore(c.state); err != nil {
			t.Fatal(err)
		}
		other, _ := problem(c.sizes...)
		expect(t, o.Step(other), c.want)
	}
}
