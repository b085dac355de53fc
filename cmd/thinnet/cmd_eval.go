package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

func evalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval RUN",
		Short: "Measure a trained model",
		Long: `Measure a trained model: loss, accuracy, the confusion matrix, and precision, recall
and F1 of each class. RUN is the folder of a training, or the config that was trained.
By default it is measured on the test data, or what else there is: choose models by the
validation data, and look at the test data once. Other data is that of the folder with
what --set says, as in thinnet eval run --set data.test=new.csv. The loss is the cross entropy, without label smoothing
and weights of classes.`,
		Example: `  thinnet eval run
  thinnet eval digits.yaml --split validation --weights last --json`,
		Args: exactly(1, false, "the folder of a training, or a config"),
	}
	set := settingsFlag(cmd)
	split := cmd.Flags().String("split", "", "training, validation or test `data`; by default the last of these that there is")
	complete(cmd, "split", "training", "validation", "test")
	weights := weightsFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, r, err := resolve(args[0], *set)
		if err != nil {
			return err
		}
		e, err := s.open()
		if err != nil {
			return err
		}
		if *split == "" {
			*split = e.best()
		}
		ds, err := e.part(*split)
		if err != nil {
			return err
		}
		m, err := s.trained(r, about{e.shape, e.classes, e.names}, *weights)
		if err != nil {
			return err
		}
		v, err := e.evaluate(cmd.Context(), m, ds)
		if err != nil {
			return err
		}
		v.Split = *split
		if *asJSON {
			return printJSON(cmd.OutOrStdout(), v)
		}
		return v.print(cmd.OutOrStdout())
	}
	return cmd
}

func weightsFlag(cmd *cobra.Command) *string {
	weights := cmd.Flags().String("weights", "", "best, last or the `path` of a file; by default the best there are")
	complete(cmd, "weights", "best", "last")
	return weights
}

// An evaluation is what eval finds.
type evaluation struct {
	Split    string            `json:"split"`
	Samples  int               `json:"samples"`
	Loss     finite            `json:"loss"`
	Metrics  map[string]finite `json:"metrics"`
	Classes  []classResult     `json:"classes"`
	Confused [][]int           `json:"confusion"` // [target][predicted]
	scores   []train.Score
}

type classResult struct {
	Class     string `json:"class"`
	Samples   int    `json:"samples"`
	Precision finite `json:"precision"`
	Recall    finite `json:"recall"`
	F1        finite `json:"f1"`
}

// finite is a number that JSON may lack: NaN and infinities are null.
type finite float64

// MarshalJSON implements [json.Marshaler].
func (f finite) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// evaluate measures a model on data.
func (e *experiment) evaluate(ctx context.Context, m *graph.Model, ds train.Dataset) (*evaluation, error) {
	confusion := nodes.ConfusionMatrix(e.classes)
	got, err := train.Evaluate(ctx, m, ds, nodes.CrossEntropy(), append(e.Train.metrics(), confusion)...)
	if err != nil {
		return nil, err
	}
	v := &evaluation{Samples: got.Samples, Loss: finite(got.Loss), Metrics: map[string]finite{}, Confused: confusion.Matrix()}
	for _, s := range got.Scores {
		if s.Name != confusion.Name() {
			v.Metrics[s.Name] = finite(s.Value)
			v.scores = append(v.scores, s)
		}
	}
	for c, row := range v.Confused {
		r := classResult{Class: e.name(c), Precision: finite(confusion.Precision(c)), Recall: finite(confusion.Recall(c)), F1: finite(confusion.F1(c))}
		for _, n := range row {
			r.Samples += n
		}
		v.Classes = append(v.Classes, r)
	}
	return v, nil
}

// name is that of a class, or its number.
func (e *experiment) name(class int) string { return nameOf(e.names, class) }

func nameOf(names []string, class int) string {
	if class < len(names) {
		return names[class]
	}
	return strconv.Itoa(class)
}

// print writes the figures and a table of the classes.
func (v *evaluation) print(w io.Writer) error {
	fmt.Fprintf(w, "%s: %v  of %d samples\n\n", v.Split, train.Evaluation{Loss: float64(v.Loss), Scores: v.scores}, v.Samples)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "class\tsamples\tprecision\trecall\tF1\t")
	const most = 30 // columns that a terminal has room for
	if len(v.Classes) <= most {
		fmt.Fprint(t, "taken for:\t")
		for _, c := range v.Classes {
			fmt.Fprintf(t, "%s\t", oneLine(c.Class))
		}
	}
	fmt.Fprintln(t)
	for i, c := range v.Classes {
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f\t%.3f\t", oneLine(c.Class), c.Samples, c.Precision, c.Recall, c.F1)
		if len(v.Classes) <= most {
			fmt.Fprint(t, "\t")
			for _, n := range v.Confused[i] {
				fmt.Fprintf(t, "%d\t", n)
			}
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
