package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/train"
)

func trainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train CONFIG",
		Short: "Train the model of a config",
		Long: `Train the model of a config. The folder that its key out names holds then

  best.safetensors, last.safetensors   weights of the best epoch and of the last
  history.csv, history.jsonl           loss and metrics of each epoch
  curves.png                           the same, drawn
  config.yaml                          the config with what was set by --set
  run.json                             shape of a sample, and names of the classes
  tensorboard                          with --tensorboard, what TensorBoard shows
  report.html                          with --report: curves, confusion matrix, mistakes
  checkpoints                          what is needed to go on

An interrupted training goes on when the same command is given again, and ends with
the weights it would have had. Ctrl-C, or SIGTERM, saves a checkpoint and ends after
the step at hand with exit code 130; a second one ends at once. A run with another
config needs another folder, or --fresh; more epochs, another number of threads and
other checkpoints are no other config.`,
		Example: `  thinnet train digits.yaml
  thinnet train digits.yaml --set train.epochs=10 --set out=runs/10
  thinnet train digits.yaml --fresh
  thinnet train digits.yaml --dashboard :8080   # a live page at http://localhost:8080
  thinnet train digits.yaml --tensorboard       # and then: tensorboard --logdir run`,
		Args: exactly(1, false, "the path of a config"),
	}
	set := settingsFlag(cmd)
	var w watching
	fresh := cmd.Flags().Bool("fresh", false, "delete what the folder holds of a run and begin anew")
	w.flags(cmd)
	out := outFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := readSettings(args[0], append(*set, out()...))
		if err != nil {
			return err
		}
		return trainRun(cmd, s, w, *fresh)
	}
	return cmd
}

// outFlag is --out; what it returns is the setting that it stands for.
func outFlag(cmd *cobra.Command) func() []string {
	out := cmd.Flags().String("out", "", "`folder`, in place of the key out")
	return func() []string {
		if *out == "" {
			return nil
		}
		return []string{"out='" + strings.ReplaceAll(*out, "'", "''") + "'"}
	}
}

// trainRun trains, or goes on.
func trainRun(cmd *cobra.Command, s *settings, w watching, fresh bool) error {
	e, err := s.open()
	if err != nil {
		return err
	}
	m, err := e.build()
	if err != nil {
		return err
	}
	loss, err := s.Train.loss(e.training, e.classes)
	if err != nil {
		return err
	}
	if err := s.startFrom(m); err != nil {
		return err
	}
	r := runFolder(s.Out)
	if err := r.free(); err != nil {
		return err
	}
	if fresh {
		if err := r.forget(); err != nil {
			return err
		}
	} else if err := r.suits(s); err != nil {
		return err
	}
	if err := r.begin(e); err != nil {
		return err
	}
	note(cmd, "%s: %s of %s parameters, %d samples to train on, %d to validate on, %d classes; into %s",
		s.path, s.Model.Name, grouped(parametersOf(m)), e.training.Len(), lenOf(e.validation), e.classes, r)
	history, err := e.fit(cmd, m, loss, r, train.Callbacks(w.callbacks(r)...))
	if history != nil && len(history.Epochs) > 0 {
		err = cmp.Or(err, history.Plot(r.curves()))
	}
	if ctx := cmd.Context(); err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		// Its text tells if no checkpoint could be saved.
		return interrupted{fmt.Sprintf("stopped: %v; what is saved is in %s. To go on, give the same command again", err, r.checkpoints())}
	}
	if err != nil {
		return err
	}
	if err := export.SaveSafetensors(m, r.last()); err != nil {
		return err
	}
	if err := w.end(cmd.Context(), r, e, m, history); err != nil {
		return err
	}
	last := history.Last()
	if last.Number < s.Train.Epochs {
		note(cmd, "ended after epoch %d of %d", last.Number, s.Train.Epochs)
	}
	line := fmt.Sprintf("epoch %d: %v", last.Number, last.Evaluation)
	if last.Validation != nil {
		line += fmt.Sprintf("  validation: %v", *last.Validation)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s\n", line, r)
	return err
}

// fit trains with checkpoints.
func (e *experiment) fit(cmd *cobra.Command, m *graph.Model, loss graph.Loss, r runFolder, opts ...train.FitOption) (*train.History, error) {
	o, err := e.Train.Optimiser.make()
	if err != nil {
		return nil, err
	}
	var progress io.Writer
	if !quiet(cmd) {
		progress = cmd.ErrOrStderr()
	}
	opts = append(append(e.Train.options(e), opts...),
		train.Checkpoints(r.checkpoints(), e.Train.Checkpoints.options(e.Train.measure())...),
		train.Callbacks(train.LogCSV(r.path("history.csv")), train.LogJSONLines(r.path("history.jsonl"))),
		train.ReportTo(progress))
	if e.Train.SWA == nil { // what was validated is then not what training is for
		opts = append(opts, train.Callbacks(&keepBest{path: r.best(), measure: e.Train.measure()}))
	}
	if quiet(cmd) {
		opts = append(opts, train.Quiet())
	}
	return train.Fit(cmd.Context(), m, e.training, loss, o, opts...)
}

// startFrom loads the weights that training starts from.
func (s *settings) startFrom(m *graph.Model) error {
	if s.Train.Weights == "" {
		return nil
	}
	return errors.WithMessagef(loadWeights(m, string(s.Train.Weights)), "%v", s.tree.Place("train.weights"))
}

// loadWeights reads weights by the ending of their file.
func loadWeights(m *graph.Model, path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".safetensors":
		return export.LoadSafetensors(m, path)
	case ".npz":
		return export.LoadNPZ(m, path)
	case ".pt", ".pth":
		return export.LoadPyTorch(m, path)
	}
	return errors.Errorf("%s is of an unknown kind, want .safetensors, .npz, .pt or .pth", path)
}

func parametersOf(m *graph.Model) (n int) {
	for _, w := range m.Weights() {
		if w.Trainable {
			n += w.Value.Shape().TotalSize()
		}
	}
	return n
}

func lenOf(ds train.Dataset) int {
	if ds == nil {
		return 0
	}
	return ds.Len()
}
