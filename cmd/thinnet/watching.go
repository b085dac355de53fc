package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/report"
	"github.com/thinnet/thinnet/train"
)

// watching is how a training is watched, of which its weights know nothing.
type watching struct {
	dashboard           string // an address, or ""
	tensorboard, report bool
}

func (w *watching) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.dashboard, "dashboard", "", "serve a live page of the run at `HOST:PORT`; without a host for this machine alone")
	cmd.Flags().BoolVar(&w.tensorboard, "tensorboard", false, "write event files for TensorBoard")
	cmd.Flags().BoolVar(&w.report, "report", false, "write report.html at the end")
}

func (w *watching) callbacks(r runFolder) (out []train.Callback) {
	if w.dashboard != "" {
		out = append(out, train.Dashboard(w.dashboard))
	}
	if w.tensorboard {
		out = append(out, train.TensorBoard(r.tensorboard()))
	}
	return out
}

// end writes the report of a training that has ended. The test data are left alone.
func (w *watching) end(ctx context.Context, r runFolder, e *experiment, m *graph.Model, h *train.History) error {
	if !w.report {
		return nil
	}
	data := e.validation
	if data == nil {
		data = e.training
	}
	opts := []report.Option{report.On(data, nodes.CrossEntropy(), e.Train.metrics()...)}
	for _, key := range []string{"model", "data", "train"} {
		opts = append(opts, report.Setting(key, e.tree.Find(key).String()))
	}
	return report.Write(ctx, r.report(), m, h, opts...)
}
