package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs the command in this process.
func command(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMistakesInConfigs(t *testing.T) {
	const model, data = "model: LeNet5\n", "data: {name: Digits, samples: 20}\n"
	path := filepath.Join(t.TempDir(), "f.yaml")
	for _, c := range []struct{ text, want string }{
		{data, "1:1: model is missing, want which ready model, and its options: a name, or a mapping with a name"},
		{"model: {name: LeNet}\n" + data, "1:15: unknown model LeNet, want LeNet5 or LeNet5Original?"},
		{"model: MPL\n" + data, "1:8: unknown model MPL, want MLP?"},
		{"model: UNet\n" + data, "1:8: unknown model UNet, want MLP, LeNet5, LeNet5Original, PlainCNN, ClassicCNN, DropoutCNN, NetworkInNetwork, VGG, ResNet, CIFARResNet, WideResNet, SeriesCNN or LSTMClassifier"},
		{"model: {name: MLP, dropout: 1.2}\n" + data, "1:29: dropout is 1.2, want a number with 0 ≤ dropout ≤ 1"},
		{"model: {name: LeNet5, hidden: [3]}\n" + data, "1:23: unknown key hidden of LeNet5, want dropout, dropout_rates, drop_with, unpadded or name"},
		{"model: {name: MLP, units: relu}\n" + data, "1:27: units is relu, want ReLU, Sigmoid, Tanh or SiLU"},
		{"model: WideResNet\n" + data, "1:8: depth is missing of WideResNet, want layers, as the model counts them: a whole number with 1 ≤ depth ≤ 10000\n" +
			"1:8: k is missing of WideResNet, want how many times as wide as the residual network it comes from: a whole number with 1 ≤ k ≤ 10000"},
		{"model: {name: VGG, depth: 3}\n" + data, "1:8: graph.Build: VGG: "},
		{"model: {name: MLP, hidden: [8], dropout_rates: [0.1, 0.2]}\n" + data, "1:8: graph.Build: MLP: DropoutRates has 2 numbers, want 1, one for each place: drop1; samples have shape (1, 28, 28)"},
		{"model: LSTMClassifier\n" + data, "1:8: graph.Build: LSTMClassifier: "},
		{model + "data: digits\n", "2:7: unknown data digits, want Digits?"},
		{model + "data: {name: Digits, samples: 0}\n", "2:31: samples is 0, want a whole number with 1 ≤ samples ≤ 1000000"},
		{model + "data: {name: Digits, validation: 1}\n", "2:34: validation is 1, want a number with 0 ≤ validation < 1"},
		{model + "data: {name: Digits, augment: [Shft]}\n", "2:32: unknown augment Shft, want Shift?"},
		{model + "data: {name: Digits, normalize: {mean: [0], std: [0]}}\n", "2:51: std is 0, want a number above 0"},
		{model + "data: {name: ImageFolder, path: x, size: [3]}\n", "2:7: size has 1 numbers, want width and height"},
		{model + "data: {name: CSV, path: x, comma: ', '}\n", `2:7: comma is ", ", want one character`},
		{model + "data: {name: NPY, x: x, t: t, test_x: y}\n", "2:7: one of test_x and test_t is given, want both or none"},
		{model + "data: {name: NPZ, path: x, test_t: y}\n", "2:7: one of test_x and test_t is given, want both or none"},
		{model + "data: MNIST\n", "2:7: path is missing of MNIST, want folder of the four files, each plain or gzipped: a path"},
		{model + data + "train: {epochs: 0}\n", "3:17: epochs is 0, want a whole number with 1 ≤ epochs ≤ 1000000"},
		{model + data + "train: {optimizer: SGD}\n", "3:9: unknown key optimizer of train, want optimiser?"},
		{model + data + "train:\n  optimiser: {name: Adam, momentum: 0.9}\n", "4:27: unknown key momentum of Adam, want lr, beta1, beta2, eps, amsgrad, weight_decay, clip_norm, clip_value, groups or name"},
		{model + data + "train:\n  optimiser: {name: SGD, nesterov: true}\n", "4:14: "},
		{model + data + "train: {optimiser: {name: Adam, clip_norm: 1, clip_value: 1}}\n", "3:20: "},
		{model + data + "train: {schedule: {name: Cosine, warmup_epochs: 5}}\n", "3:49: warmup_epochs is 5, want less than the epochs of the schedule, which are 5"},
		{model + data + "train: {batch: 10, epochs: 3, schedule: {name: Cosine, warmup_epochs: 1, warmup_steps: 4}}\n", "3:88: warmup_steps is 4, want less than the other steps of the schedule, which are 4"},
		{model + data + "train: {class_weights: even}\n", "3:24: class_weights is even, want balanced, or a list with a number of at least 0 for each class"},
		{model + data + "train: {class_weights: [.nan]}\n", "3:24: class_weights has the number NaN, want balanced, or a list with a number of at least 0 for each class"},
		{model + data + "train: {class_weights: [1, 2]}\n", "3:24: class_weights has 2 numbers, want 10, one for each class"},
		{model + data + "train: {checkpoints: {every_interval: 10}}\n", "3:39: every_interval is 10, want a duration such as 10m"},
		{model + data + "train: 3\n", "3:8: is a value, want a mapping with keys of epochs, batch, "},
		{model + data + "compare: {seeds: [1]}\n", "3:10: variants is missing of compare, want what is compared: "},
		{model + data + "compare: {variants: []}\n", "3:21: variants has 0 entries, want 1 to 256"},
		{model + data + "compare: {variants: [{name: a}, {name: a}]}\n", `3:21: the name "a" is there twice or empty, want another one for each variant`},
		{model + data + "compare: {variants: [{name: a, train: {seed: 2}}]}\n", "3:46: seed is given for a variant, want it in train, for all of them"},
		{model + data + "compare: {variants: [{name: a, model: {dropout: 2}}]}\n", "3:49: dropout is 2, want a number with 0 ≤ dropout ≤ 1"},
	} {
		writeFile(t, path, c.text)
		code, stdout, stderr := command(t, "", "train", path)
		got := strings.TrimPrefix(strings.ReplaceAll(strings.TrimSuffix(stderr, "\n"), path+":", ""), "thinnet: ")
		exact := !strings.HasSuffix(c.want, ": ") && !strings.HasSuffix(c.want, ", ")
		if code != exitUsage || stdout != "" || exact && got != c.want || !strings.HasPrefix(got, c.want) {
			t.Errorf("%q: exit code %d, %q\n got %s\nwant %s", c.text, code, stdout, got, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "run")); err == nil {
		t.Error("a wrong config made the folder of a run")
	}
}

func TestMistakesInCommands(t *testing.T) {
	dir := t.TempDir()
	config := writeFile(t, filepath.Join(dir, "f.yaml"), "model: LeNet5\ndata: {name: Digits, samples: 20}\n")
	study := writeFile(t, filepath.Join(dir, "s.yaml"), "model: LeNet5\ndata: {name: Digits, samples: 20}\ncompare: {variants: [{name: none}]}\n")
	damaged := writeFile(t, filepath.Join(dir, "damaged.safetensors"), "\x10\x00\x00\x00\x00\x00\x00\x00{\"a\": {}}")
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"trian", exitUsage, `unknown command "trian", want train?; see thinnet --help`},
		{"train", exitUsage, "thinnet train got 0 arguments, want the path of a config; see thinnet train --help"},
		{"help nope", exitUsage, `there is no command "nope"; see thinnet --help`},
		{"completion tcsh", exitUsage, "thinnet completion got 1 arguments, want bash, fish, powershell or zsh; see thinnet completion --help"},
		{"completion bash x", exitUsage, "thinnet completion bash got 1 arguments, want none; see thinnet completion bash --help"},
		{"export run x.onnx --fold --training", exitUsage, "--fold and --training are both given, want one: what trains has its batch norms"},
		{"train --nope", exitUsage, "unknown flag: --nope; see thinnet train --help"},
		{"train " + dir + "/none.yaml", exitFailed, "open " + dir + "/none.yaml: no such file or directory"},
		{"train " + config + " --set train.epochs=x", exitUsage, "--set train.epochs: epochs is x, want a whole number with 1 ≤ epochs ≤ 1000000"},
		{"train " + config + " --set data.name=NPZ --set data.samples=1 --set data.path=" + dir + "/none.npz", exitUsage, config + ":2:22: unknown key samples of NPZ, want path, x, t, test_x, test_t, validation, stratified, normalize, augment or name"},
		{"eval " + dir + "/none", exitFailed, dir + "/none is not there, want the folder of a training, or a config"},
		{"eval " + dir, exitUsage, dir + " holds no run, want the folder of a training, or a config"},
		{"eval " + config, exitFailed, dir + "/run has no weights yet, want the folder of a training of at least an epoch"},
		{"eval " + config + " --split tests", exitUsage, `--split is "tests", want training, validation or test`},
		{"predict " + config + " x.png", exitFailed, dir + "/run holds no run, want the folder of a training"},
		{"predict " + config + " x.png --top 0", exitUsage, "--top is 0, want at least 1"},
		{"export " + config + " x.bin", exitUsage, "x.bin ends in none of .onnx, .safetensors, .npz and .thinnet, want one of them, or --to with onnx, safetensors, npz or frozen"},
		{"export " + config + " x --to bin", exitUsage, `--to is "bin", want onnx, safetensors, npz or frozen`},
		{"export " + config + " x.npz --fold", exitUsage, "--fold and --training are for onnx, and this is npz"},
		{"export " + config + " x.onnx --batches 1", exitUsage, "--batches is for frozen, and this is onnx"},
		{"inspect " + dir + "/none", exitFailed, dir + "/none: no such file or directory"},
		{"inspect " + dir, exitFailed, dir + ": is not a file, want one"},
		{"inspect " + config, exitFailed, config + ": is of an unknown format, want a file of safetensors, NPZ, NPY, ONNX or torch.save"},
		{"inspect " + damaged, exitFailed, ""},
		{"compare " + config, exitUsage, config + ":1:1: compare is missing, want its variants; see thinnet compare --help"},
		{"train " + config + " --out " + damaged, exitUsage, damaged + " is a file, want a folder for the run, or a path where nothing is yet"},
		{"train " + config + " --out " + damaged + "/run", exitFailed, "mkdir " + damaged + ": not a directory"},
		{"train " + config + " --fresh --out " + damaged, exitUsage, damaged + " is a file, want a folder for the run, or a path where nothing is yet"},
		{"eval " + config + " --split validation --set data.validation=0", exitUsage, "the config has no validation data, want another --split"},
		{"compare " + study + " --set train.weights=x.npz", exitUsage, "--set train.weights: weights is given, and compare begins with new weights for each seed; want none"},
		{"compare " + study + " --by f1", exitUsage, `--by is "f1", which none does not measure, want one of loss, accuracy; see train.top_k`},
		{"bench MPL", exitUsage, "the command line: unknown model MPL, want MLP?"},
		{"bench MLP --shape 3y3", exitUsage, `--shape is "3y3", want sizes such as 1x28x28`},
		{"bench MLP --batch -1", exitUsage, "--batch is -1, --classes 10 and --time 3s, want all above 0, and at most 1000000 classes"},
		{"bench MLP --classes 1000000000", exitUsage, "--batch is 0, --classes 1000000000 and --time 3s, want all above 0, and at most 1000000 classes"},
		{"bench " + config + " --classes 3", exitUsage, "--shape and --classes are for a model by its name, and " + config + " is a config"},
	} {
		code, _, stderr := command(t, "", strings.Fields(c.args)...)
		got := strings.TrimSuffix(strings.TrimPrefix(stderr, "thinnet: "), "\n")
		if code != c.code || c.want != "" && got != c.want || !strings.HasPrefix(stderr, "thinnet: ") {
			t.Errorf("%s: exit code %d, want %d\n got %s\nwant %s", c.args, code, c.code, got, c.want)
		}
	}
}
