package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/nodes"
)

func TestInspect(t *testing.T) {
	var all []Inspection
	keep := func(i Inspection) error { all = append(all, i); return nil }
	m := plane(t)
	_, err := Fit(context.Background(), m, twoClasses(t, 64), nodes.CrossEntropy(), Adam(0.01), Epochs(2), ReportTo(nil), Callbacks(Inspect(3, keep)))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Step != 3 || all[0].Epoch != 1 || all[1].Step != 6 || all[1].Epoch != 2 {
		t.Fatalf("got inspections %+v", all)
	}
	names := func(of []TensorStatistics) (out []string) {
		for _, s := range of {
			out = append(out, s.Name)
		}
		return out
	}
	params := []string{"fc1.weight", "fc1.bias", "bn.weight", "bn.bias", "fc2.weight", "fc2.bias"}
	if got := names(all[1].Weights); !slices.Equal(got, params) {
		t.Errorf("got weights %q, want %q", got, params)
	}
	if got := names(all[1].Gradients); !slices.Equal(got, params) {
		t.Errorf("got gradients %q, want %q", got, params)
	}
	activations := names(all[1].Activations)
	for _, want := range []string{"bn", "drop", "fc2"} {
		if !slices.Contains(activations, want) {
			t.Errorf("got activations %q, want %s among them", activations, want)
		}
	}
	for _, s := range all[1].Activations {
		switch {
		case s.Name == "bn" && (s.Elements != 128 || math.Abs(s.Mean) > 0.1 || math.Abs(s.Std-1) > 0.2):
			t.Errorf("after a batch norm there is %+v", s)
		case s.Name == "drop" && !(s.Zeros > 0.01 && s.Zeros < 0.3):
			t.Errorf("after dropout of 0.1 there is %+v", s)
		}
	}
	var out bytes.Buffer
	if err := all[0].Write(&out); err != nil || !strings.HasPrefix(out.String(), "step 3") || !strings.Contains(out.String(), "gradient fc1.weight  ") {
		t.Errorf("got error %v and the table\n%s", err, out.String())
	}
}

func TestStatistics(t *testing.T) {
	got := measured("x", []float32{0, 3, 0, -4, 1e4, 0})
	mean := 9999.0 / 6
	std := math.Sqrt((3*mean*mean + (3-mean)*(3-mean) + (4+mean)*(4+mean) + (1e4-mean)*(1e4-mean)) / 6)
	if got.Elements != 6 || got.Zeros != 0.5 || got.Norm != math.Sqrt(1e8+25) || got.Mean != mean || math.Abs(got.Std-std) > 1e-9 {
		t.Errorf("got %+v, want mean %v and standard deviation %v", got, mean, std)
	}
	if got := measured("x", []float64{0, math.NaN()}); !math.IsNaN(got.Norm) || !math.IsNaN(got.Mean) || !math.IsNaN(got.Std) || got.Zeros != 0.5 {
		t.Errorf("got %+v with a NaN", got)
	}
}

func TestInspectIsCheapWhenItIsNotDue(t *testing.T) {
	c := Inspect(2, func(Inspection) error { t.Fatal("it is not due"); return nil })
	tr := &Training{f: &fit{step: 1}}
	if n := testing.AllocsPerRun(100, func() { _ = c.AfterStep(tr) }); n != 0 {
		t.Errorf("a step allocates %v times, want 0", n)
	}
}

func TestInspectMistakes(t *testing.T) {
	for want, c := range map[string]Callback{
		"Inspect: every is 0, want at least 1": Inspect(0, func(Inspection) error { return nil }),
		"Inspect: the function is nil":         Inspect(1, nil),
	} {
		_, err := Fit(context.Background(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.01), ReportTo(nil), Callbacks(c))
		if err == nil || err.Error() != "train.Fit: "+want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	if err := (Inspection{}).Write(nil); err == nil {
		t.Error("writing to nil is no error")
	}
}
