// Command thinnet trains and uses the ready models of Thinnet by a small config, without
// a program:
//
//	go run ./cmd/thinnet init > digits.yaml
//	go run ./cmd/thinnet train digits.yaml
//	go run ./cmd/thinnet eval run
//	go run ./cmd/thinnet predict run picture.png
//	go run ./cmd/thinnet export run digits.onnx
//
// docs/command.md has all keys of a config. Models of your own are defined in Go, by
// graph.Build, and trained by train.Fit: that is the main way, and what this command
// does too.
//
// It ends with 0 if all went well, 1 if something failed, 2 if the command or the config
// is wrong, and 130 if it was interrupted. What was asked for is on standard output,
// all else on standard error.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/config"
)

const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		fmt.Fprintln(os.Stderr, "\ninterrupted: ending in good order; once more ends at once")
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		cancel()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the command but for the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	strict(root)
	return exit(stderr, root.ExecuteContext(ctx))
}

// A usage is a mistake in how the command was called.
type usage struct{ error }

func usagef(format string, args ...any) error { return usage{errors.Errorf(format, args...)} }

// interrupted says how to go on.
type interrupted struct{ advice string }

func (i interrupted) Error() string { return i.advice }

// exit prints an error, and returns the exit code.
func exit(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(stderr, "thinnet: %v\n", err)
	var (
		u usage
		c *config.Error
		i interrupted
	)
	switch {
	case errors.As(err, &i), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &u), errors.As(err, &c):
		return exitUsage
	}
	return exitFailed
}
