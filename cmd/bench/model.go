package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// A report is one line of output. Where bench/torch_time.py reports the same, it
// has the same key.
type report struct {
	Model       string  `json:"model"`
	Batch       int     `json:"batch"`
	Params      int     `json:"params"`
	Mode        string  `json:"mode"`
	Optim       string  `json:"optim,omitempty"`
	GFLOP       float64 `json:"gflop_per_step"`
	Median      float64 `json:"ms_per_step_median"`
	Min         float64 `json:"ms_min"`
	P90         float64 `json:"ms_p90"`
	Steps       int     `json:"steps"`
	Samples     float64 `json:"samples_per_s"`
	GFLOPS      float64 `json:"gflops"`
	Allocs      float64 `json:"allocs_per_step"`
	PeakRSS     int     `json:"peak_rss_mb"`
	ImportedRSS int     `json:"import_rss_mb"`
	Threads     int     `json:"threads"`
	Kernel      string  `json:"kernel"`
	Device      string  `json:"device"`
}

// timeModel times the training steps or the predictions of a model.
func timeModel(out io.Writer, o options) error {
	imported := peakRSS()
	n, err := networkNamed(o.model)
	if err != nil {
		return usage{err}
	}
	r, err := n.time(o)
	if err != nil {
		return err
	}
	r.PeakRSS, r.ImportedRSS = peakRSS(), imported
	if o.json {
		return json.NewEncoder(out).Encode(r)
	}
	_, err = fmt.Fprintf(out, "%s, batch %d, %d parameters, %s, %d threads, %s kernels\n"+
		"%-6s %9.3f ms median, %.3f min, %.3f p90 of %d steps\n"+
		"%-6s %9.1f GFLOP/s on %.3f GFLOP, %.0f samples/s, %.1f allocations, peak memory %d MB\n",
		r.Model, r.Batch, r.Params, r.Device, r.Threads, r.Kernel,
		r.Mode, r.Median, r.Min, r.P90, r.Steps,
		"", r.GFLOPS, r.GFLOP, r.Samples, r.Allocs, r.PeakRSS)
	return err
}

// time builds a network and times it.
func (n network) time(o options) (report, error) {
	r, step, err := n.prepare(o)
	if err != nil {
		return report{}, err
	}
	t, err := repeat(step, o.warmup, o.steps, o.limit)
	if err != nil {
		return report{}, err
	}
	r.Steps, r.Allocs = len(t.seconds), t.allocs
	r.Median, r.Min, r.P90 = 1e3*t.median(), 1e3*t.min(), 1e3*t.p90()
	r.Samples, r.GFLOPS = float64(r.Batch)/t.median(), r.GFLOP/t.median()
	return r, nil
}

// prepare builds a network and returns what is timed, and the part of the report
// that is known before.
func (n network) prepare(o options) (report, func() error, error) {
	m, w, err := n.build(o.batch, o.on()...)
	if err != nil {
		return report{}, nil, err
	}
	x, target := batch(m.Shape())
	r := report{Model: n.name, Device: m.Device().String(), Batch: m.Shape()[0], Params: parameters(m), Mode: o.mode,
		Threads: o.threads, Kernel: cpu.Get().String(), GFLOP: w.inference()}
	if o.mode == "train" {
		r.Optim, r.GFLOP = o.optim, w.training()
		return r, trainingStep(m.Trainer(nodes.CrossEntropy()), x, target, optimizer(o.optim)), nil
	}
	return r, func() error { _, err := m.Predict(x); return err }, nil
}

// on is where models compute.
func (o *options) on() []graph.Option {
	device, _ := graph.ParseDevice(o.device) // it has been checked
	opts := []graph.Option{graph.On(device)}
	if o.tf32 {
		opts = append(opts, graph.TF32())
	}
	return opts
}

// trainingStep returns a step of training on one batch: loss, gradients, update.
func trainingStep(tr *graph.Trainer, x, target *tensor.Dense, o *train.Optimizer) func() error {
	return func() error {
		if _, err := tr.Step(x, target); err != nil {
			return err
		}
		return tr.Update(o)
	}
}

// profileModel prints what each operation costs in a step of a model.
func profileModel(out io.Writer, o options) error {
	n, err := networkNamed(o.model)
	if err != nil {
		return usage{err}
	}
	m, _, err := n.build(o.batch, o.on()...)
	if err != nil {
		return err
	}
	x, target := batch(m.Shape())
	if o.mode == "infer" {
		p, err := m.Profile(x)
		if err != nil {
			return err
		}
		return p.Write(out)
	}
	tr := m.Trainer(nodes.CrossEntropy())
	if err := trainingStep(tr, x, target, optimizer(o.optim))(); err != nil {
		return err
	}
	if _, err := tr.Step(x, target); err != nil {
		return err
	}
	p, err := tr.Profile()
	if err != nil {
		return err
	}
	return p.Write(out)
}

func optimizer(name string) *train.Optimizer {
	if name == "adam" {
		return train.Adam(1e-3)
	}
	return train.SGD(0.01, train.Momentum(0.9))
}

// batch returns noise of the given shape, and a class of each sample.
func batch(shape graph.Shape) (x, target *tensor.Dense) {
	rng := rand.New(rand.NewPCG(1, 2))
	values, classes := make([]float32, shape.TotalSize()), make([]int, shape[0])
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	for i := range classes {
		classes[i] = rng.IntN(10)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)), tensor.New(tensor.WithShape(shape[0]), tensor.WithBacking(classes))
}

func parameters(m *graph.Model) int {
	n := 0
	for _, w := range m.Weights() {
		if w.Trainable {
			n += w.Value.Shape().TotalSize()
		}
	}
	return n
}
