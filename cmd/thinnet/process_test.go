package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test's own binary is the command, where it is asked to be.
func TestMain(m *testing.M) {
	if os.Getenv("THINNET_COMMAND") != "" {
		main()
	}
	os.Exit(m.Run())
}

// Who interrupts a training learns that its checkpoint could not be saved.
func TestInterruptedWithoutRoom(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, filepath.Join(dir, "f.yaml"), small)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var stderr bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"train", path, "-q", "--set", "train.epochs=1000000", "--set", "train.checkpoints.every_epochs=1000000"}, nil, io.Discard, &stderr)
	}()
	waitFor(t, "epoch", func() bool {
		_, err := os.Stat(filepath.Join(dir, "run", "best.safetensors"))
		return err == nil
	})
	checkpoints := filepath.Join(dir, "run", "checkpoints")
	if err := os.RemoveAll(checkpoints); err != nil {
		t.Fatal(err)
	}
	writeFile(t, checkpoints, "in the way")
	cancel()
	if code := <-ended; code != exitInterrupted || !strings.Contains(stderr.String(), "no checkpoint was saved (") {
		t.Errorf("exit code %d, %s", code, stderr.String())
	}
}

type process struct {
	*exec.Cmd
	stderr bytes.Buffer
}

func start(t *testing.T, stdin io.Reader, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, args...)}
	p.Env = append(os.Environ(), "THINNET_COMMAND=yes")
	p.Stdin, p.Stderr = stdin, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			p.Process.Kill()
			p.Wait()
		}
	})
	return p
}

func waitFor(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s within a minute", what)
		}
	}
}

// A training that is interrupted twice, in the middle of an epoch, ends with the weights
// of one that is not.
func TestInterruptedTraining(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send another one an interrupt there")
	}
	dir := t.TempDir()
	path := writeFile(t, filepath.Join(dir, "f.yaml"), `
model: {name: LeNet5, dropout: 0.2}
data: {name: Digits, samples: 1000, augment: [Shift]}
train: {batch: 10, schedule: {name: StepLR, every_epochs: 2, gamma: 0.5}}
`)
	run := filepath.Join(dir, "run")
	epochs := func() int {
		b, _ := os.ReadFile(filepath.Join(run, "history.csv"))
		return max(0, bytes.Count(b, []byte("\n"))-1)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		before := epochs()
		p := start(t, nil, "train", path, "--set", "train.epochs=1000000")
		waitFor(t, "epoch", func() bool { return epochs() > before })
		if err := p.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		err := p.Wait()
		if code := p.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(p.stderr.String(), "To go on, give the same command again") {
			t.Fatalf("after %v: exit code %d (%v): %s", signal, code, err, p.stderr.String())
		}
	}
	all := fmt.Sprintf("train.epochs=%d", epochs()+2)
	ok(t, "", "train", path, "-q", "--set", all)
	ok(t, "", "train", path, "-q", "--set", all, "--out", filepath.Join(dir, "whole"))
	for _, name := range []string{"last.safetensors", "best.safetensors"} {
		whole, err := os.ReadFile(filepath.Join(dir, "whole", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(run, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, whole) {
			t.Errorf("%s is another one than without interruptions", name)
		}
	}

	// The second interrupt ends what does not look at the first.
	stdin, hold := io.Pipe()
	defer hold.Close()
	p := start(t, stdin, "predict", run, "-")
	for range 2 {
		time.Sleep(300 * time.Millisecond)
		if err := p.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan struct{})
	go func() { p.Process.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("a second interrupt did not end the process")
	}
}
