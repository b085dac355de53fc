package train

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Inspect returns a callback that measures gradients, weights and activations after
// every so many steps, and hands what it finds to f:
//
//	train.Callbacks(train.Inspect(100, func(i train.Inspection) error { return i.Write(os.Stdout) }))
//
// An error of f ends training, as that of any [Callback]. For activations the batch is
// computed once more, with its masks and the weights after the step; all other steps
// cost nothing. every ≥ 1.
func Inspect(every int, f func(Inspection) error) Callback {
	return &inspecting{every: every, f: f}
}

// An Inspection is what [Inspect] finds after a step.
type Inspection struct {
	Step, Epoch int // as [Training] has them
	// Weights are the parameters after the step, and Gradients those of the step,
	// before clipping. A parameter that is frozen, or that the loss does not depend on,
	// has none.
	Weights, Gradients []TensorStatistics
	// Activations are the outputs of layers: see [graph.Trainer.Activations].
	Activations []TensorStatistics
}

// TensorStatistics say what the elements of a tensor are like. NaN and infinities
// spread to all but Zeros.
type TensorStatistics struct {
	Name     string // of a parameter, or path of a layer
	Elements int
	Norm     float64 // √Σx²
	Mean     float64
	Std      float64 // √(Σ(x-mean)²/elements)
	Zeros    float64 // the fraction of elements that are 0
}

type inspecting struct {
	NoCallback
	every int
	f     func(Inspection) error
}

// Begin implements [Callback].
func (c *inspecting) Begin(*Training) error {
	switch {
	case c.every < 1:
		return errors.Errorf("Inspect: every is %d, want at least 1", c.every)
	case c.f == nil:
		return errors.New("Inspect: the function is nil")
	}
	return nil
}

// AfterStep implements [Callback].
func (c *inspecting) AfterStep(t *Training) error {
	if t.Steps()%c.every != 0 {
		return nil
	}
	i := Inspection{Step: t.Steps(), Epoch: t.Epoch()}
	for _, g := range t.Trainer().Gradients() {
		if g.Value != nil {
			i.Gradients = append(i.Gradients, statisticsOf(g.Name, g.Value))
		}
	}
	for _, w := range t.Model().Weights() {
		if w.Trainable {
			i.Weights = append(i.Weights, statisticsOf(w.Name, w.Value))
		}
	}
	err := t.Trainer().Activations(func(path, node string, y *tensor.Dense) error {
		if y.Dtype() == tensor.Float32 || y.Dtype() == tensor.Float64 {
			i.Activations = append(i.Activations, statisticsOf(path, y))
		}
		return nil
	})
	if err != nil {
		return errors.WithMessage(err, "Inspect")
	}
	return c.f(i)
}

func statisticsOf(name string, d *tensor.Dense) TensorStatistics {
	if d.Dtype() == tensor.Float64 {
		return measured(name, graph.Data[float64](d))
	}
	return measured(name, graph.Data[float32](d))
}

// measured goes over the elements twice, since the mean of squares less the square of
// the mean loses all digits where the mean is large.
func measured[T kernel.Float](name string, x []T) TensorStatistics {
	s := TensorStatistics{Name: name, Elements: len(x)}
	zeros, sum, squares := 0, 0.0, 0.0
	for _, v := range x {
		if v == 0 {
			zeros++
		}
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(max(len(x), 1))
	s.Norm, s.Mean, s.Zeros = math.Sqrt(squares), sum/n, float64(zeros)/n
	deviations := 0.0
	for _, v := range x {
		d := float64(v) - s.Mean
		deviations += d * d
	}
	s.Std = math.Sqrt(deviations / n)
	return s
}

// Write writes a table.
func (i Inspection) Write(w io.Writer) error {
	if w == nil {
		return errors.New("writing an inspection: the writer is nil")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "step %d\tnorm\tmean\tstd\tzeros\n", i.Step)
	for _, part := range []struct {
		name string
		of   []TensorStatistics
	}{{"weight", i.Weights}, {"gradient", i.Gradients}, {"activation", i.Activations}} {
		for _, s := range part.of {
			fmt.Fprintf(t, "%s %s\t%.3g\t%.3g\t%.3g\t%.3f\n", part.name, s.Name, s.Norm, s.Mean, s.Std, s.Zeros)
		}
	}
	return errors.Wrap(t.Flush(), "writing an inspection")
}
