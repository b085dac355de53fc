package train

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// exactRun is a training of two epochs of four steps whose data have the same bits on
// all machines.
func exactRun(t *testing.T, opts ...FitOption) (*graph.Model, *History, *EarlyStopper, string, error) {
	t.Helper()
	const n = 56
	x, c := make([]float32, 2*n), make([]int, n)
	for i := range n {
		x[2*i], x[2*i+1], c[i] = float32(i%7)/8, float32(i%5)/4, i%7*8/(i%5*14+1)%2
	}
	data, err := Tensors(tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(x)), tensor.New(tensor.WithShape(n), tensor.WithBacking(c)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	m, early := plane(t), EarlyStopping(5)
	h, err := Fit(context.Background(), m, data, nodes.CrossEntropy(), Adam(0.01, ClipNorm(1)), append([]FitOption{
		Epochs(2), Metrics(nodes.Accuracy()), Validation(data), WithSchedule(StepLR(InSteps(3), 0.5)),
		Callbacks(early), ReportTo(&out), Quiet(),
	}, opts...)...)
	return m, h, early, out.String(), err
}

// The file is one that the first version wrote after the sixth step of exactRun. What
// is in it, and the names, must be read for ever.
func TestCheckpointOfTheFirstVersion(t *testing.T) {
	path := filepath.Join("testdata", "checkpoint", "v1"+checkpointEnding)
	file, ts, err := readTraining(path)
	if err != nil {
		t.Fatal(err)
	}
	m, h, early, out, err := exactRun(t, Resume(path))
	if err != nil {
		t.Fatal(err)
	}
	if want := "going on from " + path + ": after 1 epochs and 2 steps of the next\n"; !strings.HasPrefix(out, want) {
		t.Errorf("it reports %q, want first %q", out, want)
	}
	if len(h.Epochs) != 2 || h.Epochs[0].Loss != 0.8297701818602425 || h.Last().Samples != 56 || h.Last().LearningRate != 0.0025 || m.Step() != 8 {
		t.Errorf("it ends at step %d with the history %+v", m.Step(), h)
	}
	if epoch, _ := early.Best(); epoch < 1 || len(ts) != 36 {
		t.Errorf("got best epoch %d and %d tensors", epoch, len(ts))
	}
	if file.Version != 1 || file.Step != 6 || file.Steps != 6 || file.Batch != 2 || file.Sums.Samples != 32 {
		t.Errorf("the file is %+v", file)
	}
}

func TestCheckpointOfANewerVersion(t *testing.T) {
	dir := t.TempDir()
	if _, _, _, _, err := exactRun(t, Checkpoints(dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, checkpointName(8))
	ts, meta, err := readCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	meta[trainingKey] = strings.Replace(meta[trainingKey], `"version":1`, `"version":2`, 1)
	if err := writeCheckpoint(path, ts, meta); err != nil {
		t.Fatal(err)
	}
	_, _, _, _, err = exactRun(t, Checkpoints(dir))
	if want := "it is of version 2, written by a newer program, want at most 1"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one that says %q", err, want)
	}
}
