package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "thinnet",
		Short: "Train and use the ready models of Thinnet by a small config",
		Long: `Train and use the ready models of Thinnet by a small config, without a program.

The ready models, data sets and optimisers are those of the Go packages, under the
same names; docs/command.md lists all keys. Models of your own are defined in Go:
that is the main way to use Thinnet.

Exit codes: 0 all went well, 1 something failed, 2 the command or the config is
wrong, 130 interrupted.`,
		Example: `  thinnet init > digits.yaml
  thinnet train digits.yaml
  thinnet train digits.yaml --set train.epochs=10 --set model.dropout=0.3
  thinnet eval run
  thinnet predict run picture.png
  thinnet export run digits.onnx`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			message := fmt.Sprintf("unknown command %q", args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				message += fmt.Sprintf(", want %s?", near[0])
			}
			return usagef("%s; see thinnet --help", message)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see %s --help", err, cmd.CommandPath())
	})
	root.PersistentFlags().BoolP("quiet", "q", false, "say nothing of progress")
	root.AddCommand(trainCommand(), evalCommand(), predictCommand(), exportCommand(), inspectCommand(),
		compareCommand(), lrCommand(), benchCommand(), initCommand(), checkCommand(), versionCommand())
	return root
}

// strict has the commands that cobra adds refuse arguments that they do not know. It comes
// after SetOut, which completion looks at when it is made.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					return usagef("there is no command %q; see thinnet --help", strings.Join(args, " "))
				}
				return nil
			}
		case "completion":
			cmd.Args = exactly(0, false, "bash, fish, powershell or zsh")
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = exactly(0, false, "none")
			}
		}
	}
}

// exactly wants n arguments, and at least n where more is true.
func exactly(n int, more bool, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n || len(args) > n && !more {
			return usagef("%s got %d arguments, want %s; see %[1]s --help", cmd.CommandPath(), len(args), what)
		}
		return nil
	}
}

func quiet(cmd *cobra.Command) bool {
	q, err := cmd.Flags().GetBool("quiet")
	return err == nil && q
}

// note prints what is not the answer.
func note(cmd *cobra.Command, format string, args ...any) {
	if !quiet(cmd) {
		fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...)
	}
}

// settingsFlag is --set.
func settingsFlag(cmd *cobra.Command) *[]string {
	return cmd.Flags().StringArray("set", nil, "set a key of the config, as in `train.epochs=3`; may be repeated")
}

// complete lists the values of a flag for the shell.
func complete(cmd *cobra.Command, flag string, values ...string) {
	// It fails for a flag that there is not, which is a mistake of this program.
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveDefault)); err != nil {
		panic(err)
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the command and of Go",
		Args:  exactly(0, false, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			version := "(devel)"
			if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
				version = info.Main.Version
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "thinnet %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
