package train_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// onDevice is a problem whose parameters are in the memory of a CUDA device.
type onDevice struct {
	t      *testing.T
	dev    *cuda.Device
	host   *cuda.Host
	params []cuda.Parameter
	on     []gorgonia.ValueGrad // where the first values and the gradients come from
}

// device returns device 0, or skips the test where there is none.
func device(t *testing.T) *cuda.Device {
	t.Helper()
	dev, err := cuda.Open(0)
	cudatest.Check(t, err)
	return dev
}

// deviceProblem is of parameters of float32. Gradients lie one word off those of values, so
// that some can't be read in vectors.
func deviceProblem(t *testing.T, ps []gorgonia.ValueGrad) *onDevice {
	d := &onDevice{t: t, dev: device(t), on: ps}
	d.do(func(s *cuda.Stream) (err error) {
		most := 0
		for i, p := range ps {
			n := p.Value().Shape().TotalSize()
			most = max(most, n)
			memory, err := d.dev.Alloc(8*n + 1024)
			if err != nil {
				return err
			}
			t.Cleanup(memory.Free)
			v := cuda.Value{Pointer: memory.Pointer, Shape: p.Value().Shape()}
			g := v
			g.Pointer = v.Add((n+63)/64*64 + i%2)
			d.params = append(d.params, cuda.Parameter{Name: nameOf(p), Value: v, Grad: g})
		}
		d.host, err = d.dev.Pinned(4 * most)
		return err
	})
	t.Cleanup(d.host.Free)
	d.write(false)
	return d
}

func nameOf(p gorgonia.ValueGrad) string {
	if n, ok := p.(gorgonia.Namer); ok {
		return n.Name()
	}
	return ""
}

func (d *onDevice) do(f func(s *cuda.Stream) error) {
	d.t.Helper()
	if err := d.dev.Do(f); err != nil {
		d.t.Fatal(err)
	}
}

// write brings the values or the gradients of the host to the device.
func (d *onDevice) write(grads bool) {
	d.t.Helper()
	d.do(func(s *cuda.Stream) error {
		for i, p := range d.on {
			from, to := p.Value(), d.params[i].Value
			if grads {
				g, err := p.Grad()
				if err != nil || g == nil {
					continue
				}
				from, to = g, d.params[i].Grad
			}
			n := copy(d.words(), from.Data().([]float32))
			if err := s.Upload(to.Pointer, d.host, 0, 4*n); err != nil {
				return err
			}
			if err := s.Sync(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *onDevice) words() []float32 {
	b := d.host.Bytes()
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}

// bits are those of the values on the device.
func (d *onDevice) bits() (out []uint64) {
	d.t.Helper()
	d.do(func(s *cuda.Stream) error {
		for _, p := range d.params {
			if err := s.Download(d.host, 0, p.Value.Pointer, p.Value.Bytes()); err != nil {
				return err
			}
			if err := s.Sync(); err != nil {
				return err
			}
			for _, v := range d.words()[:p.Value.Len()] {
				out = append(out, uint64(math.Float32bits(v)))
			}
		}
		return nil
	})
	return out
}

// step is Step on the device with the gradients of the host.
func (d *onDevice) step(o *train.Optimizer) {
	d.t.Helper()
	params := slices.Clone(d.params)
	for i, p := range d.on {
		if g, _ := p.Grad(); g == nil {
			params[i].Grad.Pointer = 0
		}
	}
	d.write(true)
	d.do(func(s *cuda.Stream) error { return o.StepOn(s, params) })
}

// floats are parameters of the given sizes that begin with something, and what sets their
// gradients for a step; now and then one has none.
func floats(sizes ...int) ([]gorgonia.ValueGrad, func(step int)) {
	var twice []int
	for _, n := range sizes {
		twice = append(twice, n, 1) // each second one is of float64
	}
	all, grads := problem(twice...)
	var ps []gorgonia.ValueGrad
	var kept []gorgonia.Value
	for i, p := range all {
		if i%2 == 0 {
			ps, kept = append(ps, p), append(kept, p.(*param).grad)
		}
	}
	for i, p := range ps {
		for j, v := 0, p.Value().Data().([]float32); j < len(v); j++ {
			v[j] = float32(math.Sin(float64(i + j)))
		}
	}
	return ps, func(step int) {
		for i, p := range ps {
			p.(*param).grad = kept[i]
		}
		grads(step)
		if step%3 == 2 {
			ps[step%len(ps)].(*param).grad = nil
		}
	}
}

// deviceOptimizers are all rules with all that they have.
var deviceOptimizers = map[string]func() *train.Optimizer{
	"nesterov": func() *train.Optimizer {
		return train.SGD(0.1, train.Momentum(0.9), train.Nesterov(), train.ClipNorm(0.5))
	},
	"Adam":         func() *train.Optimizer { return train.Adam(0.1, train.WeightDecay(0.1)) },
	"AdamW":        func() *train.Optimizer { return train.AdamW(0.1, train.AMSGrad(), train.ClipNorm(math.Inf(1))) },
	"RMSProp":      func() *train.Optimizer { return train.RMSProp(0.1) },
	"with both":    func() *train.Optimizer { return train.RMSProp(0.1, train.Centered(), train.Momentum(0.9)) },
	"with moments": func() *train.Optimizer { return train.RMSProp(0.1, train.Momentum(0.9), train.ClipValue(0.2)) },
	"centred":      func() *train.Optimizer { return train.RMSProp(0.1, train.Centered(), train.WeightDecay(0.1)) },
}

func TestOptimizersOnADeviceGiveTheBitsOfTheCPU(t *testing.T) {
	all := []map[string]func() *train.Optimizer{everyOptimizer, deviceOptimizers}
	for _, optimizers := range all {
		for name, make := range optimizers {
			ps, grads := floats(1, 2047, 2048, 5000, 3)
			d := deviceProblem(t, ps)
			here, there := make(), make()
			for step := range 5 {
				grads(step)
				if step == 1 {
					g := ps[3].(*param).grad.(*tensor.Dense).Float32s()
					g[0], g[1], g[2] = 1e-42, -3e19, 0
				}
				if step == 3 { // what the device has done goes on here, and back
					if err := there.SetLR(0.05); err != nil {
						t.Fatal(err)
					}
					if err := here.SetLR(0.05); err != nil {
						t.Fatal(err)
					}
					if err := there.Restore(there.State()); err != nil {
						t.Fatal(err)
					}
				}
				d.step(there)
				if err := here.Step(ps); err != nil {
					t.Fatal(err)
				}
				if i := differs(d.bits(), bits(ps)); i >= 0 {
					t.Fatalf("%s, step %d: element %d has other bits on the device", name, step, i)
				}
				// Sums in another order, of 7 thousand squares: 1e-13 holds for any.
				if got, want := there.GradNorm(), here.GradNorm(); math.Abs(got-want) > 1e-13*want {
					t.Errorf("%s, step %d: GradNorm is %v, want %v within 1e-13 of it", name, step, got, want)
				}
			}
			if got, want := fmt.Sprint(there.State()), fmt.Sprint(here.State()); got != want {
				t.Errorf("%s: the state on the device is\n%v, want\n%v", name, got, want)
			}
		}
	}
}

func differs(got, want []uint64) int {
	for i := range want {
		if got[i] != want[i] {
			return i
		}
	}
	return -1
}

func TestNaNOfAGradientStaysOnADevice(t *testing.T) {
	for name, make := range everyOptimizer {
		ps, grads := floats(70)
		grads(0)
		ps[0].(*param).grad.(*tensor.Dense).Float32s()[7] = float32(math.NaN())
		d := deviceProblem(t, ps)
		o := make()
		d.step(o)
		if err := make().Step(ps); err != nil {
			t.Fatal(err)
		}
		got, want := d.bits(), bits(ps)
		for i := range want {
			a, b := math.Float32frombits(uint32(got[i])), math.Float32frombits(uint32(want[i]))
			if a != b && (a == a || b == b) {
				t.Errorf("%s: element %d is %v, want %v", name, i, a, b)
			}
		}
	}
}

func TestOptimizerMovesBetweenDeviceAndCPU(t *testing.T) {
	make := func() *train.Optimizer { return train.Adam(0.1, train.ClipNorm(0.5)) }
	ps, grads := floats(300, 5)
	d := deviceProblem(t, ps)
	reference, moving := make(), make()
	copies, _ := floats(300, 5)
	for step := range 6 {
		grads(step)
		for i, p := range copies {
			p.(*param).grad = ps[i].(*param).grad
		}
		if step%2 == 0 {
			d.step(moving)
			// The values follow, as those of a model do.
			for i, p := range copies {
				at := 0
				for _, q := range copies[:i] {
					at += q.Value().Shape().TotalSize()
				}
				for j, v := 0, p.Value().Data().([]float32); j < len(v); j++ {
					v[j] = math.Float32frombits(uint32(d.bits()[at+j]))
				}
			}
		} else {
			if err := moving.Step(copies); err != nil {
				t.Fatal(err)
			}
			on := d.on
			d.on = copies
			d.write(false)
			d.on = on
		}
		if err := reference.Step(ps); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(bits(copies), bits(ps)) {
			t.Fatalf("step %d: other bits than of an optimiser that stays", step)
		}
		if got, want := moving.GradNorm(), reference.GradNorm(); math.Abs(got-want) > 1e-13*want {
			t.Errorf("step %d: GradNorm is %v, want %v", step, got, want)
		}
	}
	if got, want := fmt.Sprint(moving.State()), fmt.Sprint(reference.State()); got != want {
		t.Errorf("the state is\n%v, want\n%v", got, want)
	}
}

func TestOptimizerAllocatesNothingPerStepOnADevice(t *testing.T) {
	for name, make := range everyOptimizer {
		ps, grads := floats(100, 7, 5_001)
		grads(0)
		d := deviceProblem(t, ps)
		o := make()
		d.step(o)
		d.do(func(s *cuda.Stream) error {
			if n := testing.AllocsPerRun(10, func() {
				if err := o.StepOn(s, d.params); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s: %v allocations in a step, want 0", name, n)
			}
			return nil
		})
	}
}

// named gives parameters names.
type named struct {
	*param
	name string
}

func (n named) Name() string { return n.name }

func TestGroupsOnADevice(t *testing.T) {
	ps, grads := floats(10, 10, 10)
	var with []gorgonia.ValueGrad
	for i, name := range []string{"encoder.weight", "encoder.bias", "head.weight"} {
		with = append(with, named{ps[i].(*param), name})
	}
	make := func() *train.Optimizer {
		return train.AdamW(0.1, train.Group("encoder.*", train.LRFactor(0.1)), train.Group("*.bias", train.WeightDecay(0)))
	}
	d := deviceProblem(t, with)
	here, there := make(), make()
	for step := range 4 {
		grads(step)
		d.step(there)
		if err := here.Step(with); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(d.bits(), bits(ps)) {
		t.Error("groups give other bits on the device")
	}
}

func TestOptimizerRefusesParametersOfADevice(t *testing.T) {
	ps, grads := floats(4, 6)
	grads(0)
	d := deviceProblem(t, ps)
	d.write(true)
	try := func(o *train.Optimizer, params []cuda.Parameter) error {
		return d.dev.Do(func(s *cuda.Stream) error { return o.StepOn(s, params) })
	}
	for want, change := range map[string]func(ps []cuda.Parameter) []cuda.Parameter{
		"train.Adam: got 1 parameters, want the 2 of the first step": func(ps []cuda.Parameter) []cuda.Parameter { return ps[:1] },
		"train.Adam: parameter 1: value: has shape [7], want (6)":    func(ps []cuda.Parameter) []cuda.Parameter { ps[1].Value.Shape = []int{7}; return ps },
		"train.Adam: parameter 0: gradient: has shape [7], want (4)": func(ps []cuda.Parameter) []cuda.Parameter { ps[0].Grad.Shape = []int{7}; return ps },
		"train.Adam: parameter 0: value: has integers, want float32": func(ps []cuda.Parameter) []cuda.Parameter { ps[0].Value.Type = cuda.Int64; return ps },
	} {
		o := train.Adam(0.1)
		if err := try(o, d.params); err != nil {
			t.Fatal(err)
		}
		expect(t, try(o, change(slices.Clone(d.params))), want)
	}
	twice := []cuda.Parameter{d.params[0], d.params[0]}
	expect(t, try(train.SGD(1), twice), "train.SGD: parameter 1: shares its memory with parameter 0, want each parameter once")
	expect(t, try(train.Adam(-1), d.params), "train.Adam: lr is -1")
	o := train.SGD(1, train.Momentum(0.5))
	if err := o.Restore(train.SGD(1).State()); err != nil {
		t.Fatal(err)
	}
	other, set := floats(4)
	set(0)
	if err := o.Step(other); err != nil {
		t.Fatal(err)
	}
	expect(t, try(o, d.params), "train.SGD: got 2 parameters, want the 1 of the restored state")
}
