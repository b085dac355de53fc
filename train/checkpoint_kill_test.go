//go:build unix

package train

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/internal/atomicfile"
)

// In a process of its own, the test binary trains into this folder.
const (
	childFolder = "THINNET_TEST_CHECKPOINTS"
	childLimit  = "THINNET_TEST_FILE_SIZE" // the disk is full after the fifth step

	lastFile = "history.csv" // that it writes
)

// TestCheckpointChild is what the tests below run in other processes.
func TestCheckpointChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("it is part of other tests")
	}
	var out bytes.Buffer
	opts := []FitOption{Checkpoints(filepath.Join(folder, "run"), EverySteps(1), KeepLast(2)), OnStep(func(tr *Training) error {
		if os.Getenv(childLimit) != "" && tr.Steps() == 5 {
			return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: 1000})
		}
		return nil
	})}
	m, h, err := resumable(t, context.Background(), &out, opts...)
	if err != nil {
		t.Fatalf("%v, after %q", err, out.String())
	}
	if err := export.SaveSafetensors(m, filepath.Join(folder, "weights.safetensors")); err != nil {
		t.Fatal(err)
	}
	err = atomicfile.Write(filepath.Join(folder, lastFile), func(w io.Writer) error {
		_, err := io.WriteString(w, timeless(h))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// child starts the test binary to train into a folder.
func child(t *testing.T, folder string, env ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(os.Args[0], "-test.run=^TestCheckpointChild$")
	cmd.Env = append(append(os.Environ(), childFolder+"="+folder), env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out
}

// wantTrained fails unless a child has ended with the same bits as a training here.
func wantTrained(t *testing.T, folder string) {
	t.Helper()
	want, history, err := resumable(t, context.Background(), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	got := plane(t)
	if err := export.LoadSafetensors(got, filepath.Join(folder, "weights.safetensors")); err != nil {
		t.Fatal(err)
	}
	got.SetStep(want.Step())
	wantSame(t, "the child", got, want, history, history)
	b, err := os.ReadFile(filepath.Join(folder, lastFile))
	if err != nil || string(b) != timeless(history) {
		t.Errorf("the child has the history\n%s (%v), want\n%s", b, err, timeless(history))
	}
}

// A process is killed 50 times, at moments drawn over the time that it takes. Each
// time another one goes on.
func TestCheckpointsSurviveKills(t *testing.T) {
	const kills = 50
	folder := t.TempDir()
	began := time.Now()
	cmd, out := child(t, folder)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	whole := time.Since(began)
	wantTrained(t, folder)

	r, killed, finished, taken := rand.New(rand.NewPCG(1, 2)), 0, 0, 0
	folder = t.TempDir()
	for killed < kills || !exists(filepath.Join(folder, lastFile)) {
		if exists(filepath.Join(folder, lastFile)) {
			wantTrained(t, folder)
			folder, finished = t.TempDir(), finished+1
		}
		cmd, out := child(t, folder)
		if killed == kills {
			if err := cmd.Wait(); err != nil {
				t.Fatalf("after %d kills: %v: %s", killed, err, out)
			}
			continue
		}
		time.Sleep(time.Duration(r.Int64N(int64(whole))))
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !strings.Contains(err.Error(), "already finished") {
			t.Fatal(err)
		}
		if cmd.Wait() != nil {
			killed++
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
				t.Fatalf("it was not killed: %v: %s", cmd.ProcessState, out)
			}
		}
		if all, err := listCheckpoints(filepath.Join(folder, "run")); err == nil && len(all) > 0 && all[0] < 12 {
			taken++
		}
	}
	wantTrained(t, folder)
	if taken < 5 {
		t.Errorf("only %d of %d kills were in the middle of training", taken, killed)
	}
	t.Logf("a run takes %v; %d kills in %d runs, %d in the middle of training", whole, killed, finished+1, taken)
}

// A full disk ends training with an error that says so, and loses nothing.
func TestCheckpointsOnAFullDisk(t *testing.T) {
	folder := t.TempDir()
	cmd, out := child(t, folder, childLimit+"=1")
	if err := cmd.Wait(); err == nil || !strings.Contains(out.String(), "saving a checkpoint: ") || !strings.Contains(out.String(), "file too large") {
		t.Fatalf("got %v: %s", err, out)
	}
	run := filepath.Join(folder, "run")
	if all := mustList(t, run); len(all) != 2 || all[0] != 4 {
		t.Errorf("got checkpoints after %v steps, want 4 and 3", all)
	}
	if files, err := os.ReadDir(run); err != nil || len(files) != 2 {
		t.Errorf("the folder holds %v (%v), want two checkpoints", files, err)
	}
	cmd, out = child(t, folder)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantTrained(t, folder)
}
