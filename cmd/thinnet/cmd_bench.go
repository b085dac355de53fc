package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench CONFIG|MODEL",
		Short: "Time training steps and predictions of a model",
		Long: `Time the training steps and the predictions of a model, on noise: that of a config, for
samples of its data, or a ready one by its name, for those of --shape. cmd/bench, for
who works on Thinnet, times single operations.`,
		Example: `  thinnet bench digits.yaml --set train.threads=1
  thinnet bench ClassicCNN --shape 3x32x32 --batch 128`,
		Args: exactly(1, false, "the path of a config, or the name of a model"),
	}
	set := settingsFlag(cmd)
	shape := cmd.Flags().String("shape", "1x28x28", "shape of a sample, for a model by its name")
	classes := cmd.Flags().Int("classes", 10, "number of classes, for a model by its name")
	batch := cmd.Flags().Int("batch", 0, "samples of a step; by default those of the config")
	limit := cmd.Flags().Duration("time", 3*time.Second, "how long to time each")
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, r := range readyModels {
			names = append(names, r.name)
		}
		return names, cobra.ShellCompDirectiveDefault // or a file
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b := bench{about: about{Classes: *classes}}
		if isPath(args[0]) && (cmd.Flags().Changed("shape") || cmd.Flags().Changed("classes")) {
			return usagef("--shape and --classes are for a model by its name, and %s is a config", args[0])
		}
		err := b.prepare(args[0], *shape, *set)
		if err != nil {
			return err
		}
		if *batch != 0 {
			b.settings.Train.Batch = *batch
		}
		if b.settings.Train.Batch < 1 || *classes < 1 || *classes > maxClasses || *limit <= 0 {
			return usagef("--batch is %d, --classes %d and --time %v, want all above 0, and at most %d classes", *batch, *classes, *limit, maxClasses)
		}
		r, err := b.run(cmd.Context(), *limit)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), r)
		}
		w := cmd.OutOrStdout()
		fmt.Fprintf(w, "%s, batch %d of samples %v, %s parameters, threads: %d\n", r.Model, r.Batch, b.Shape, grouped(r.Parameters), r.Threads)
		for _, t := range []struct {
			name string
			rate
		}{{"training", r.Train}, {"prediction", r.Predict}} {
			if _, err := fmt.Fprintf(w, "%-10s  %9.3f ms a step, median of %d  %8.1f steps/s  %10.0f samples/s\n", t.name, t.Milliseconds, t.Count, t.Steps, t.Samples); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// A bench is what is timed.
type bench struct {
	settings *settings
	about
}

// timings are what bench found.
type timings struct {
	Model      string `json:"model"`
	Batch      int    `json:"batch"`
	Parameters int    `json:"parameters"`
	Threads    int    `json:"threads"`
	Train      rate   `json:"train"`
	Predict    rate   `json:"predict"`
}

type rate struct {
	Milliseconds float64 `json:"ms_per_step"` // the median
	Steps        float64 `json:"steps_per_s"`
	Samples      float64 `json:"samples_per_s"`
	Count        int     `json:"steps"`
}

// isPath tells the path of a config from the name of a model.
func isPath(arg string) bool { return strings.ContainsAny(arg, "./\\") }

// prepare reads a config, or makes one for a ready model.
func (b *bench) prepare(arg, shape string, set []string) (err error) {
	if isPath(arg) {
		if b.settings, err = readSettings(arg, set); err != nil {
			return err
		}
		e, err := b.settings.open()
		if err != nil {
			return err
		}
		b.about = about{e.shape, e.classes, e.names}
		return nil
	}
	for _, word := range strings.Split(shape, "x") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return usagef("--shape is %q, want sizes such as 1x28x28", shape)
		}
		b.Shape = append(b.Shape, n)
	}
	const of = "the command line"
	tree, err := config.Parse(of, []byte("model: {name: "+strconv.Quote(arg)+"}\ndata: Digits\n"))
	if err != nil {
		return err
	}
	tree.Locate(config.Place{File: of})
	b.settings, err = newSettings(of, tree, set)
	return err
}

func (b *bench) run(ctx context.Context, limit time.Duration) (*timings, error) {
	t := &b.settings.Train
	m, err := b.settings.build(b.Shape, b.Classes, t.Batch)
	if err != nil {
		return nil, err
	}
	o, err := t.Optimiser.make()
	if err != nil {
		return nil, err
	}
	x, target := noise(m.Shape(), b.Classes)
	r := &timings{Model: b.settings.Model.Name, Batch: t.Batch, Parameters: parametersOf(m), Threads: graph.Threads()}
	tr := m.Trainer(nodes.CrossEntropy(nodes.LabelSmoothing(t.LabelSmoothing)), graph.Freezing(t.Freeze...))
	if r.Train, err = timed(ctx, t.Batch, limit, func() error {
		if _, err := tr.Step(x, target); err != nil {
			return err
		}
		return tr.Update(o)
	}); err != nil {
		return nil, err
	}
	r.Predict, err = timed(ctx, t.Batch, limit, func() error { _, err := m.Predict(x); return err })
	return r, err
}

// timed repeats a step, at least three times, after two that do not count.
func timed(ctx context.Context, batch int, limit time.Duration, step func() error) (rate, error) {
	var seconds []float64
	for i, begin := 0, time.Now(); i < 5 || time.Since(begin) < limit; i++ {
		if err := ctx.Err(); err != nil {
			return rate{}, err
		}
		at := time.Now()
		if err := step(); err != nil {
			return rate{}, err
		}
		if i >= 2 {
			seconds = append(seconds, time.Since(at).Seconds())
		}
	}
	slices.Sort(seconds)
	median := max(seconds[len(seconds)/2], 1e-9)
	return rate{1e3 * median, 1 / median, float64(batch) / median, len(seconds)}, nil
}

// noise is a batch of samples and their classes.
func noise(shape graph.Shape, classes int) (x, target *tensor.Dense) {
	rng := rand.New(rand.NewPCG(1, 2))
	values, labels := make([]float32, shape.TotalSize()), make([]int, shape[0])
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	for i := range labels {
		labels[i] = rng.IntN(classes)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)), tensor.New(tensor.WithShape(shape[0]), tensor.WithBacking(labels))
}
