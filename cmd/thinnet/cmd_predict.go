package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func predictCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "predict RUN INPUT...",
		Short: "Say of which class inputs are",
		Long: `Say of which class inputs are, by a trained model. An input is a PNG, JPEG or GIF
image, which is brought to the size that the model has; an NPY array of a sample or
of many; or a table of numbers, one sample a line, without a column for the class. -
is standard input, of any of these. What a file is its first bytes say.

A line is printed for each sample: the input, with the number of the sample where it
has several, the class, and its probability. The data of the training is not wanted.`,
		Example: `  thinnet predict run picture.png other.jpg
  thinnet predict run --top 3 --json samples.npy
  cut -d, -f1-4 table.csv | thinnet predict run -`,
		Args: exactly(2, true, "the folder of a training and an input at least"),
	}
	weights := weightsFlag(cmd)
	top := cmd.Flags().Int("top", 1, "how many classes to print, the likeliest first")
	asJSON := cmd.Flags().Bool("json", false, "print a line of JSON for each sample")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *top < 1 {
			return usagef("--top is %d, want at least 1", *top)
		}
		s, r, err := resolve(args[0], nil)
		if err != nil {
			return err
		}
		a, err := r.readAbout()
		if err != nil {
			return err
		}
		m, err := s.trained(r, a, *weights)
		if err != nil {
			return err
		}
		p := predictor{s, a, m, *top, *asJSON}
		for _, input := range args[1:] {
			x, err := p.read(input, cmd.InOrStdin())
			if err == nil {
				err = p.predict(cmd.Context(), cmd.OutOrStdout(), input, x)
			}
			if err != nil {
				return errors.WithMessage(err, called(input))
			}
		}
		return nil
	}
	return cmd
}

// called is what errors call an input.
func called(input string) string {
	if input == "-" {
		return "standard input"
	}
	return input
}

// A predictor is a trained model and how its answers are printed.
type predictor struct {
	*settings
	about
	m      *graph.Model
	top    int
	asJSON bool
}

// An answer is what predict says of a sample.
type answer struct {
	Input  string  `json:"input"`
	Sample int     `json:"sample"` // from 1
	Top    []guess `json:"top"`
}

type guess struct {
	Class       string  `json:"class"`
	Index       int     `json:"index"`
	Probability float64 `json:"probability"`
}

// predict prints an answer for each of the samples of x.
func (p *predictor) predict(ctx context.Context, w io.Writer, input string, x *tensor.Dense) error {
	n := x.Shape()[0]
	ds, err := train.Tensors(x, tensor.New(tensor.WithShape(n), tensor.Of(tensor.Int)))
	if err != nil {
		return err
	}
	y, err := train.Predict(ctx, p.m, p.Data.source().shared().apply(ds))
	if err != nil {
		return err
	}
	logits, ok := y.Data().([]float32)
	if !ok || len(logits) != n*p.Classes {
		return errors.Errorf("the output of the model has shape %v, want %d classes", y.Shape(), p.Classes)
	}
	for i := range n {
		guesses := p.guesses(logits[i*p.Classes : (i+1)*p.Classes])
		if math.IsNaN(guesses[0].Probability) {
			return errors.Errorf("sample %d: the model gives values that are not finite, want numbers: look at the sample, and at the weights", i+1)
		}
		a := answer{input, i + 1, guesses}
		if err := p.print(w, a, n); err != nil {
			return err
		}
	}
	return nil
}

// guesses are the likeliest classes, by softmax.
func (p *predictor) guesses(logits []float32) []guess {
	highest, sum := float64(slices.Max(logits)), 0.0
	out := make([]guess, len(logits))
	for i, v := range logits {
		e := math.Exp(float64(v) - highest)
		sum += e
		out[i] = guess{nameOf(p.Names, i), i, e}
	}
	for i := range out {
		out[i].Probability /= sum
	}
	slices.SortStableFunc(out, func(a, b guess) int { return cmp.Compare(b.Probability, a.Probability) })
	return out[:min(p.top, len(out))]
}

func (p *predictor) print(w io.Writer, a answer, of int) error {
	if p.asJSON {
		b, err := json.Marshal(a)
		if err != nil {
			return errors.WithStack(err)
		}
		_, err = fmt.Fprintf(w, "%s\n", b)
		return err
	}
	columns := []string{a.Input}
	if of > 1 {
		columns[0] += fmt.Sprintf(":%d", a.Sample)
	}
	for _, g := range a.Top {
		columns = append(columns, oneLine(g.Class), fmt.Sprintf("%.4f", g.Probability))
	}
	_, err := fmt.Fprintln(w, strings.Join(columns, "\t"))
	return err
}
