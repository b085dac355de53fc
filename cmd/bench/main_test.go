package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"strings"
	"testing"
)

// What PyTorch counts in bench/torch_models.py, at the default batches.
func TestNetworksAreThoseOfPyTorch(t *testing.T) {
	for _, want := range []struct {
		name                string
		params              int
		training, inference float64 // GFLOP
	}{
		{"mlp", 1_863_690, 1.224, 0.477},
		{"mlp800", 1_276_810, 0.640, 0.255},
		{"lenet_dropout", 3_274_634, 5.251, 1.777},
		{"cnn_bn_spatial", 551_722, 14.823, 4.979},
		{"wrn16_2", 691_674, 19.384, 6.471},
		{"conv1d6", 64_778, 5.084, 1.762},
		{"lstm_dropout", 858_634, 7.970, 2.726},
	} {
		n, err := networkNamed(want.name)
		if err != nil {
			t.Fatal(err)
		}
		m, w, err := n.build(0)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got := parameters(m); got != want.params {
			t.Errorf("%s has %d parameters, want %d", n.name, got, want.params)
		}
		if math.Abs(w.training()-want.training) > 5e-4 || math.Abs(w.inference()-want.inference) > 5e-4 {
			t.Errorf("%s takes %.3f GFLOP in training and %.3f in inference, want %.3f and %.3f", n.name, w.training(), w.inference(), want.training, want.inference)
		}
		if got := m.OutputShape(); got[0] != n.batch || got[1] != 10 {
			t.Errorf("%s has output %v, want (%d, 10)", n.name, got, n.batch)
		}
	}
}

func TestReport(t *testing.T) {
	for _, mode := range []string{"train", "infer"} {
		var out bytes.Buffer
		if err := run(strings.Fields("-model conv1d6 -batch 2 -steps 3 -warmup 1 -json -mode "+mode), &out, io.Discard); err != nil {
			t.Fatalf("%+v", err)
		}
		var got map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, out.Bytes())
		}
		for key, want := range map[string]any{"model": "conv1d6", "batch": 2.0, "params": 64778.0, "mode": mode, "steps": 3.0} {
			if got[key] != want {
				t.Errorf("%s is %v, want %v", key, got[key], want)
			}
		}
		for _, key := range []string{"gflop_per_step", "ms_per_step_median", "ms_min", "ms_p90", "samples_per_s", "gflops", "threads"} {
			if v, _ := got[key].(float64); !(v > 0) {
				t.Errorf("%s is %v, want a number above 0", key, got[key])
			}
		}
	}
}

func TestProfile(t *testing.T) {
	for _, mode := range []string{"train", "infer"} {
		var out bytes.Buffer
		if err := run(strings.Fields("-profile -model lenet_dropout -batch 2 -mode "+mode), &out, io.Discard); err != nil {
			t.Fatalf("%+v", err)
		}
		for _, want := range []string{"Conv", "fc2", "total"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the profile has no line of %s:\n%s", want, &out)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"-model resnet": `-model is "resnet", want one of mlp, mlp800, lenet_dropout, cnn_bn_spatial, wrn16_2, conv1d6, lstm_dropout`,
		"-mode eval":    `-mode is "eval", want train or infer`,
		"-optim lion":   `-optim is "lion", want sgd or adam`,
		"-batch -1":     "-batch is -1, want at least 1, or 0 for the network's own",
		"-steps 0":      "-steps is 0, want at least 1",
		"-warmup -1":    "-warmup is -1, want at least 0",
		"-threads 0":    "-threads is 0, want at least 1",
		"-ops -scale":   "got more than one of -ops, -scale, -vs-gorgonia and -profile",
		"mlp":           `got the argument "mlp", want flags only`,
		"-nonsense":     "see -help",
	} {
		err := run(strings.Fields(args), io.Discard, io.Discard)
		var u usage
		if !errors.As(err, &u) || err.Error() != want {
			t.Errorf("%s: got %v, want the usage error %q", args, err, want)
		}
	}
	if err := run([]string{"-help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: got %v, want %v", err, flag.ErrHelp)
	}
}

func TestStockNetworksLearn(t *testing.T) {
	if testing.Short() {
		t.Skip("Gorgonia takes its time")
	}
	for _, name := range []string{"mlp", "lenet_dropout"} {
		step, err := stockStep(name, 2)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
