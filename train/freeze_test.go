package train

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func fitPlane(t *testing.T, m *graph.Model, o *Optimizer, opts ...FitOption) error {
	t.Helper()
	_, err := Fit(t.Context(), m, twoClasses(t, 64), nodes.CrossEntropy(), o, append(opts, ReportTo(nil))...)
	return err
}

func TestFreeze(t *testing.T) {
	m, before, o := plane(t), plane(t), Adam(0.01)
	if err := fitPlane(t, m, o, Freeze("fc1.*"), Freeze("bn.weight"), Epochs(2)); err != nil {
		t.Fatalf("%+v", err)
	}
	for i, w := range m.Weights() {
		frozen := slices.Contains([]string{"fc1.weight", "fc1.bias", "bn.weight"}, w.Name)
		if is, was := w.Value.Data(), before.Weights()[i].Value.Data(); frozen != equalData(is, was) {
			t.Errorf("%s is %v and was %v; frozen: %v", w.Name, is, was, frozen)
		}
	}
	if n := len(o.State()); n != 3*3 { // fc2.weight, fc2.bias and bn.bias; step and two moments of each
		t.Errorf("the state has %d tensors, want 9", n)
	}
	err := fitPlane(t, m, o, Freeze("fc1.*"))
	wantError(t, err, "train.Fit: epoch 1: batch 1 of 4", "got 4 parameters, want the 3 of the first step")
}

func equalData(a, b any) bool {
	switch a := a.(type) {
	case []float32:
		return slices.Equal(a, b.([]float32))
	default:
		return a == b
	}
}

func TestFreezeRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		"fc1":  `train.Fit: graph.Freezing: pattern "fc1" matches no parameter, want fc1.* for all below it`,
		"fc3*": `train.Fit: graph.Freezing: pattern "fc3*" matches no parameter, want one of fc1.weight, fc1.bias`,
		"fc[":  `train.Fit: graph.Freezing: pattern "fc[" is malformed`,
		"*":    "all parameters that the loss depends on are frozen",
	} {
		wantError(t, fitPlane(t, plane(t), Adam(0.01), Freeze(pattern)), want)
	}
}

// A run with frozen parameters and groups is taken up with the bits of one that was not
// cut off, and not with others.
func TestFreezeAndGroupsAcrossCheckpoints(t *testing.T) {
	frozen := Freeze("fc1.weight", "bn.*")
	optimiser := func() *Optimizer {
		return AdamW(0.01, Group("fc2.*", LRFactor(0.25)), Group("*.bias", WeightDecay(0)))
	}
	whole := plane(t)
	if err := fitPlane(t, whole, optimiser(), frozen, Epochs(3)); err != nil {
		t.Fatalf("%+v", err)
	}
	folder := filepath.Join(t.TempDir(), "run")
	saved := Checkpoints(folder)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Fit(ctx, plane(t), twoClasses(t, 64), nodes.CrossEntropy(), optimiser(), frozen, Epochs(3), saved, ReportTo(nil),
		OnStep(func(tr *Training) error {
			if tr.Steps() == 6 {
				cancel()
			}
			return nil
		}))
	wantError(t, err, "context canceled")
	for want, run := range map[string]func() error{
		"frozen was [fc1.weight bn.*] and is []":     func() error { return fitPlane(t, plane(t), optimiser(), Epochs(3), saved) },
		"frozen was [fc1.weight bn.*] and is [bn.*]": func() error { return fitPlane(t, plane(t), optimiser(), Freeze("bn.*"), Epochs(3), saved) },
		"group fc2.* lr factor 0.25, group *.bias weightDecay 0 and is": func() error {
			return fitPlane(t, plane(t), AdamW(0.01, Group("fc2.*", LRFactor(0.5))), frozen, Epochs(3), saved)
		},
	} {
		wantError(t, run(), "it is of another training", want)
	}
	m := plane(t)
	if err := fitPlane(t, m, optimiser(), frozen, Epochs(3), saved); err != nil {
		t.Fatalf("%+v", err)
	}
	if !slices.Equal(bits(m), bits(whole)) {
		t.Error("the run that was cut off ends with other weights")
	}
}

// Compare tells studies apart by what is frozen and by groups.
func TestCompareWithFrozenParameters(t *testing.T) {
	folder := t.TempDir()
	study := func(o func() *Optimizer, opts ...FitOption) Study {
		s := planeStudy(t)
		s.Variants, s.Seeds = s.Variants[:1], s.Seeds[:1]
		s.Optimiser = o
		s.Options = func() []FitOption { return append(opts, Epochs(1)) }
		return s
	}
	grouped := func() *Optimizer { return Adam(0.01, Group("fc2.*", LRFactor(0.5))) }
	first := compare(t, study(grouped, Freeze("fc1.*")), ResultsIn(folder))
	again := compare(t, study(grouped, Freeze("fc1.*")), ResultsIn(folder))
	if a, b := first.Runs[0].Test.Loss, again.Runs[0].Test.Loss; a != b {
		t.Errorf("the stored run has a loss of %v, want %v", b, a)
	}
	_, err := Compare(t.Context(), study(grouped, Freeze("bn.*")), ResultsIn(folder))
	wantError(t, err, "it is of another study: first_step has other bits")
	_, err = Compare(t.Context(), study(func() *Optimizer { return Adam(0.01) }, Freeze("fc1.*")), ResultsIn(folder))
	wantError(t, err, "it is of another study: optimiser was Adam, lr 0.01", "group fc2.* lr factor 0.5 and is")
}

// Inspect and the callbacks that look at gradients know that some are not there.
func TestInspectWithFrozenParameters(t *testing.T) {
	var got []string
	inspect := Callbacks(Inspect(4, func(i Inspection) error {
		for _, g := range i.Gradients {
			got = append(got, g.Name)
		}
		return nil
	}))
	if err := fitPlane(t, plane(t), SGD(0.1), Freeze("fc1.*", "bn.*"), inspect); err != nil {
		t.Fatalf("%+v", err)
	}
	if all := strings.Join(got, " "); all != "fc2.weight fc2.bias" {
		t.Errorf("there are gradients of %s, want of fc2.weight fc2.bias", all)
	}
}
