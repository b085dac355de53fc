package main

import (
	"cmp"
	"fmt"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/thinnet/thinnet/train"
)

func lrCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "find-lr CONFIG",
		Short: "Try learning rates and suggest one",
		Long: `Try learning rates for a config, growing from step to step, and print one that is
likely to do: a tenth of that at which the loss is lowest. Nothing is kept of it.`,
		Example: `  thinnet find-lr digits.yaml
  thinnet find-lr digits.yaml --plot rates.png --to 1`,
		Args: exactly(1, false, "the path of a config"),
	}
	set := settingsFlag(cmd)
	plot := cmd.Flags().String("plot", "", "`path` of a PNG to draw the loss over the rate in")
	var over train.LRRange
	cmd.Flags().Float64Var(&over.From, "from", 1e-7, "the first rate")
	cmd.Flags().Float64Var(&over.To, "to", 10, "the last rate")
	cmd.Flags().IntVar(&over.Steps, "steps", 100, "how many steps to make")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !(over.From > 0 && over.From < over.To) || over.Steps < 10 {
			return usagef("--from is %v, --to %v and --steps %d, want 0 < from < to and at least 10 steps", over.From, over.To, over.Steps)
		}
		s, err := readSettings(args[0], *set)
		if err != nil {
			return err
		}
		curve, err := s.findLR(cmd, over)
		if err != nil {
			return err
		}
		rate, err := curve.Suggestion()
		if err == nil {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%.2g\n", rate)
		}
		if *plot != "" { // where there is no suggestion, too
			err = cmp.Or(err, curve.Plot(*plot))
		}
		return err
	}
	return cmd
}

func (s *settings) findLR(cmd *cobra.Command, over train.LRRange) (*train.LRCurve, error) {
	e, err := s.open()
	if err != nil {
		return nil, err
	}
	m, err := e.build()
	if err != nil {
		return nil, err
	}
	if err := s.startFrom(m); err != nil {
		return nil, err
	}
	loss, err := s.Train.loss(e.training, e.classes)
	if err != nil {
		return nil, err
	}
	o, err := s.Train.Optimiser.make()
	if err != nil {
		return nil, err
	}
	curve, err := train.FindLR(cmd.Context(), m, e.training, loss, o, over, s.Train.stepOptions(e)...)
	return curve, errors.WithMessage(err, s.path)
}
