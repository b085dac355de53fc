//go:build unix

package train

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/internal/atomicfile"
)

// In a process of its own, the test binary trains into this folder.
const (
	childFolder = "THINNET_TEST_CHECKPOINTS"
	childLimit  = "THINNET_TEST_FILE_SIZE" // the disk is full after the fifth step

	trainingBegins = "training begins"
	lastFile       = "history.csv" // that it writes
)

// TestCheckpointChild is what the tests below run in other processes.
func TestCheckpointChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("it is part of other tests")
	}
	var out bytes.Buffer
	fmt.Println(trainingBegins)
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
func child(t *testing.T, folder string, env ...string) (*exec.Cmd, *written) {
	t.Helper()
	var out written
	cmd := exec.Command(os.Args[0], "-test.run=^TestCheckpointChild$")
	// The race detector sleeps for a second at the end of a process, unless told not to.
	cmd.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=0", childFolder+"="+folder), env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out
}

// written is what a child has written so far.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(b)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// waitFor waits until a child has written something.
func waitFor(t *testing.T, out *written, text string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(out.String(), text); time.Sleep(time.Millisecond / 2) {
		if time.Now().After(end) {
			t.Fatalf("it has not written %q: %s", text, out)
		}
	}
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

// A process is killed 50 times: every fifth time at a moment of its life, else at one
// of its training. Each time another one goes on.
func TestCheckpointsSurviveKills(t *testing.T) {
	const kills = 50
	folder := t.TempDir()
	life, training := lifeOf(t, folder)
	wantTrained(t, folder)

	r, killed, finished, taken := rand.New(rand.NewPCG(1, 2)), 0, 0, 0
	for folder = t.TempDir(); killed < kills; {
		cmd, out := child(t, folder)
		if killed%5 == 0 {
			time.Sleep(time.Duration(r.Int64N(int64(life))))
		} else {
			waitFor(t, out, trainingBegins)
			time.Sleep(time.Duration(r.Int64N(int64(training))))
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
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
		if exists(filepath.Join(folder, lastFile)) {
			wantTrained(t, folder)
			folder, finished = t.TempDir(), finished+1
		}
	}
	lifeOf(t, folder) // the last one goes on to its end
	wantTrained(t, folder)
	if taken < kills/10 {
		t.Errorf("only %d of %d kills were in the middle of training", taken, killed)
	}
	t.Logf("a process takes %v, of which it trains %v; %d kills in %d runs, %d in the middle of training", life, training, killed, finished+1, taken)
}

// lifeOf lets a child train to its end, and returns how long it lived and trained.
func lifeOf(t *testing.T, folder string) (life, training time.Duration) {
	t.Helper()
	began := time.Now()
	cmd, out := child(t, folder)
	waitFor(t, out, trainingBegins)
	trained := time.Now()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return time.Since(began), time.Since(trained)
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
