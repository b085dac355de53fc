package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What another config has left in the folder is not taken for a result, and what decides
// no figure is no other config.
func TestCompareAgain(t *testing.T) {
	dir := t.TempDir()
	study := func(train string) string {
		return writeFile(t, filepath.Join(dir, "study.yaml"), `
model: {name: MLP, hidden: [8]}
data: {name: Digits, samples: 100, test: 20}
train: {epochs: 2, batch: 32, label_smoothing: 0.1}
compare: {seeds: [1], variants: [{name: a, train: {`+train+`}}]}
`)
	}
	ok(t, "", "compare", study(""))
	for _, other := range []string{"ema: {decay: 0.5}", "swa: {first: 1}", "early_stopping: {patience: 1}", "skip_non_finite: 1", "label_smoothing: 0.2"} {
		if code, _, stderr := command(t, "", "compare", study(other)); code != exitFailed || !strings.Contains(stderr, "it is of another study") {
			t.Errorf("%s: exit code %d, %s", other, code, stderr)
		}
	}
	path := study("early_stopping: null")
	for _, same := range []string{"train.early_stopping={patience: 1}", "train.threads=1", "train.checkpoints.keep_last=3", "compare.variants=[{name: a}, {name: b, train: {ema: {}}}]", "train={label_smoothing: 0.1, batch: 32, epochs: 2}"} {
		if code, _, stderr := command(t, "", "compare", path, "--set", same); code != exitOK || !strings.Contains(stderr, "a, seed 1: ") || !strings.Contains(stderr, "(stored)") {
			t.Errorf("%s: exit code %d, %s", same, code, stderr)
		}
	}
}
