package train_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A goldenRun is a case of optim.json: how PyTorch's optimiser moved two
// parameters.
type goldenRun struct {
	Name, Optimizer, Dtype string
	LR                     float64
	Args                   optimArgs
	ClipNorm               float64  `json:"clip_norm"`
	ClipValue              float64  `json:"clip_value"`
	HalveAt                int      `json:"halve_at"`
	Missing                [][2]int // step, parameter
	Start                  []struct {
		Shape []int
		Data  []float64
	}
	Curvature, Centre [][]float64
	Noise             [][][]float64 // step, parameter, element
	Trajectory        [][][]float64 // likewise
	State             []map[string][]float64
	Norms             []float64
}

// optimArgs are PyTorch's arguments.
type optimArgs struct {
	WeightDecay *float64 `json:"weight_decay"`
	Momentum    *float64
	Dampening   *float64
	Nesterov    bool
	Betas       *[2]float64
	Eps         *float64
	AMSGrad     bool
	Alpha       *float64
	Centered    bool
	LRDecay     *float64 `json:"lr_decay"`
	Accumulator *float64 `json:"initial_accumulator_value"`
}

func (a optimArgs) options() (opts []train.OptimizerOption) {
	number := func(v *float64, option func(float64) train.OptimizerOption) {
		if v != nil {
			opts = append(opts, option(*v))
		}
	}
	flag := func(v bool, option func() train.OptimizerOption) {
		if v {
			opts = append(opts, option())
		}
	}
	number(a.WeightDecay, train.WeightDecay)
	number(a.Momentum, train.Momentum)
	number(a.Dampening, train.Dampening)
	number(a.Eps, train.Eps)
	number(a.Alpha, train.Alpha)
	number(a.LRDecay, train.LRDecay)
	number(a.Accumulator, train.InitialAccumulator)
	flag(a.Nesterov, train.Nesterov)
	flag(a.AMSGrad, train.AMSGrad)
	flag(a.Centered, train.Centered)
	if a.Betas != nil {
		opts = append(opts, train.Betas(a.Betas[0], a.Betas[1]))
	}
	return opts
}

var optimizers = map[string]func(float64, ...train.OptimizerOption) *train.Optimizer{
	"SGD":     train.SGD,
	"Adam":    train.Adam,
	"AdamW":   train.AdamW,
	"RMSProp": train.RMSProp,
	"Adagrad": train.Adagrad,
}

// The tolerances are relative to the number or, below 1, absolute: parameters
// are of size 1 and cross 0. PyTorch fuses or reorders some operations, so the
// last bits differ, and 20 steps carry that along. The largest differences were
// 4e-15 in float64 and 2e-7 in float32, whose eps is 1.2e-7.
var optimTolerance = map[string]float64{"float64": 1e-12, "float32": 1e-6}

func TestOptimizersFollowPyTorch(t *testing.T) {
	var file struct{ Cases []goldenRun }
	readGolden(t, "optim.json", &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Dtype == "float32" {
				follow[float32](t, c)
			} else {
				follow[float64](t, c)
			}
		})
	}
}

func readGolden(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile("../testdata/golden/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func follow[T float32 | float64](t *testing.T, c goldenRun) {
	opts := c.Args.options()
	if c.ClipNorm > 0 {
		opts = append(opts, train.ClipNorm(c.ClipNorm))
	}
	if c.ClipValue > 0 {
		opts = append(opts, train.ClipValue(c.ClipValue))
	}
	o := optimizers[c.Optimizer](c.LR, opts...)
	ps := make([]*param, len(c.Start))
	for i, s := range c.Start {
		ps[i] = newParam(convertTo[T](s.Data), s.Shape...)
	}
	for step := range c.Trajectory {
		if step > 0 && step == c.HalveAt {
			if err := o.SetLR(c.LR / 2); err != nil {
				t.Fatal(err)
			}
		}
		for i, p := range ps {
			w, g := p.value.Data().([]T), make([]T, len(c.Start[i].Data))
			for j := range g {
				// Rounded after each operation, as the script's are.
				g[j] = T(T(c.Curvature[i][j])*(w[j]-T(c.Centre[i][j]))) + T(c.Noise[step][i][j])
			}
			p.grad = tensor.New(tensor.WithShape(c.Start[i].Shape...), tensor.WithBacking(g))
			for _, m := range c.Missing {
				if m == [2]int{step, i} {
					p.grad = nil
				}
			}
		}
		if err := o.Step(valueGrads(ps)); err != nil {
			t.Fatal(err)
		}
		for i, p := range ps {
			if !closeTo(t, c.Dtype, p.value, c.Trajectory[step][i]) {
				t.Fatalf("parameter %d at step %d", i, step)
			}
		}
		if c.Norms != nil && math.Abs(o.GradNorm()-c.Norms[step]) > optimTolerance[c.Dtype]*(1+c.Norms[step]) {
			t.Errorf("norm at step %d: got %v, want %v within %g", step, o.GradNorm(), c.Norms[step], optimTolerance[c.Dtype])
		}
	}
	compareState(t, c, o.State())
}

// compareState wants the moments to be PyTorch's in name and number.
func compareState(t *testing.T, c goldenRun, state []train.NamedTensor) {
	moments := 0
	for _, s := range state {
		i, name := int(s.Name[0]-'0'), s.Name[2:]
		if name == "step" {
			continue
		}
		moments++
		want, ok := c.State[i][name]
		if !ok {
			t.Errorf("state %s is none of PyTorch's", s.Name)
		} else if !closeTo(t, c.Dtype, s.Value, want) {
			t.Errorf("state %s", s.Name)
		}
	}
	if want := len(c.State[0]) + len(c.State[1]); moments != want {
		t.Errorf("state has %d moments, want %d", moments, want)
	}
}

func closeTo(t *testing.T, dtype string, got gorgonia.Value, want []float64) bool {
	t.Helper()
	var x []float64
	switch d := got.Data().(type) {
	case []float32:
		x = convertTo[float64](d)
	case []float64:
		x = d
	}
	if len(x) != len(want) {
		t.Errorf("got %d numbers of %v, want %d", len(x), got.Dtype(), len(want))
		return false
	}
	for i, w := range want {
		if diff := math.Abs(x[i] - w); !(diff <= optimTolerance[dtype]*max(1, math.Abs(w))) {
			t.Errorf("element %d: got %v, want %v within %g, off by %g", i, x[i], w, optimTolerance[dtype], diff)
			return false
		}
	}
	return true
}

func convertTo[T, S float32 | float64](x []S) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}
