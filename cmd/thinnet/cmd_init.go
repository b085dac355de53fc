package main

import (
	_ "embed"
	"fmt"

	"github.com/spf13/cobra"
)

//go:embed starter.yaml
var starter string

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "init",
		Short:   "Print a config to begin with",
		Long:    "Print a config to begin with: a convolutional network on the built-in digits, with comments on what else there is.",
		Example: "  thinnet init > digits.yaml",
		Args:    exactly(0, false, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), starter)
			return err
		},
	}
}

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check CONFIG",
		Short: "Check a config, open its data and print the model",
		Example: `  thinnet check digits.yaml
  thinnet check digits.yaml --set model.name=LeNet5`,
		Args: exactly(1, false, "the path of a config"),
	}
	set := settingsFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := readSettings(args[0], *set)
		if err != nil {
			return err
		}
		e, err := s.open()
		if err != nil {
			return err
		}
		m, err := e.build()
		if err != nil {
			return err
		}
		w := cmd.OutOrStdout()
		fmt.Fprintf(w, "%d samples to train on, %d to validate on, %d to test on, %d classes\n", e.training.Len(), lenOf(e.validation), lenOf(e.test), e.classes)
		return m.Summary(w)
	}
	return cmd
}
