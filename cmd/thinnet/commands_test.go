package main

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/train"
)

const small = `
model: {name: MLP, hidden: [32], dropout: 0.1, input_dropout: 0}
data: {name: Digits, samples: 400, test: 100}
train: {epochs: 3, batch: 32, optimiser: {name: Adam, lr: 0.01}, top_k: 3}
`

// trained returns the folder of a small training.
func trained(t *testing.T) (dir, run string) {
	t.Helper()
	dir = t.TempDir()
	path := writeFile(t, filepath.Join(dir, "small.yaml"), small)
	if code, _, stderr := command(t, "", "train", path); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return dir, filepath.Join(dir, "run")
}

// ok runs a command that goes well.
func ok(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, stdout, stderr := command(t, stdin, args...)
	if code != exitOK {
		t.Fatalf("%q: exit code %d: %s", args, code, stderr)
	}
	return stdout
}

func TestTrainAndAllAfter(t *testing.T) {
	dir, run := trained(t)
	for _, name := range []string{"best.safetensors", "last.safetensors", "history.csv", "history.jsonl", "curves.png", "config.yaml", "run.json", "checkpoints"} {
		if _, err := os.Stat(filepath.Join(run, name)); err != nil {
			t.Error(err)
		}
	}

	var e struct {
		Split     string
		Samples   int
		Metrics   map[string]float64
		Confusion [][]int
		Classes   []struct {
			Class   string
			Samples int
		}
	}
	if err := json.Unmarshal([]byte(ok(t, "", "eval", run, "--json")), &e); err != nil {
		t.Fatal(err)
	}
	if e.Split != "test" || e.Samples != 100 || e.Metrics["accuracy"] < 0.3 || e.Metrics["top3"] < e.Metrics["accuracy"] || len(e.Confusion) != 10 ||
		e.Classes[3].Class != "3" || e.Classes[3].Samples != 10 {
		t.Errorf("eval: %+v", e)
	}
	if got := ok(t, "", "eval", filepath.Join(dir, "small.yaml"), "--split", "validation", "--weights", "last"); !strings.HasPrefix(got, "validation: loss ") || !strings.Contains(got, "of 40 samples") {
		t.Errorf("eval of the config: %s", got)
	}

	// Another seed is another split, of which the model has seen a part.
	if code, _, stderr := command(t, "", "eval", filepath.Join(dir, "small.yaml"), "--set", "train.seed=2"); code != exitUsage || !strings.HasSuffix(stderr, "has 1; give the config that was trained, or the folder in its place\n") {
		t.Errorf("eval of another config: exit code %d, %s", code, stderr)
	}
	if got := ok(t, "", "eval", run, "--set", "data.test=50"); !strings.Contains(got, "of 50 samples") {
		t.Errorf("eval of other data: %s", got)
	}

	t.Run("predict", func(t *testing.T) { testPredict(t, dir, run, e.Metrics["accuracy"]) })
	t.Run("export", func(t *testing.T) { testExport(t, dir, run) })

	if got := ok(t, "", "check", filepath.Join(dir, "small.yaml")); !strings.HasPrefix(got, "360 samples to train on, 40 to validate on, 100 to test on, 10 classes\n") {
		t.Errorf("check: %s", got)
	}
}

// The same samples as an array and as a table get the same answers, which are as often
// right as eval says.
func testPredict(t *testing.T, dir, run string, accuracy float64) {
	x, target, err := train.Digits(100, 2).Batch(indices(100)) // the test data
	if err != nil {
		t.Fatal(err)
	}
	array := filepath.Join(dir, "x.npy")
	if err := export.WriteNPY(array, x); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	values := x.Float32s()
	for i := range 100 {
		for j, v := range values[i*784 : (i+1)*784] {
			if j > 0 {
				table.WriteByte(',')
			}
			b, _ := json.Marshal(v)
			table.Write(b)
		}
		table.WriteByte('\n')
	}
	lines := strings.Split(strings.TrimSpace(ok(t, "", "predict", run, array, "--json", "--top", "2")), "\n")
	right := 0
	for i, line := range lines {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if a.Sample != i+1 || len(a.Top) != 2 || a.Top[0].Probability < a.Top[1].Probability {
			t.Fatalf("line %d: %s", i, line)
		}
		if a.Top[0].Index == target.Ints()[i] {
			right++
		}
	}
	if len(lines) != 100 || math.Abs(float64(right)/100-accuracy) > 1e-9 {
		t.Errorf("%d of %d right, want a part of %v", right, len(lines), accuracy)
	}
	fromArray := strings.ReplaceAll(ok(t, "", "predict", run, array), array, "-")
	if got := ok(t, table.String(), "predict", run, "-"); got != fromArray {
		t.Errorf("from a table:\n%s\nwant\n%s", got, fromArray)
	}

	picture := filepath.Join(dir, "x.png")
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	for i, v := range values[:28*28] {
		img.Set(i%28, i/28, color.Gray{uint8(math.Round(255 * float64(v)))})
	}
	f, err := os.Create(picture)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(fromArray, "\n")
	if got, want := ok(t, "", "predict", run, picture), strings.Replace(first, "-:1", picture, 1)+"\n"; got != want {
		t.Errorf("a picture of the first sample: %s, want %s", got, want)
	}

	for input, want := range map[string]string{
		"":              "standard input: is empty, want an image, an NPY array or a table of numbers",
		"1,2,3\n":       "standard input: line 1 has 3 numbers, want 784: samples have shape (1, 28, 28)",
		"\x89PNG\r\n":   "standard input: decode header: ",
		"\x93NUMPY\x01": "standard input: header: reading the first 8 bytes",
	} {
		if code, _, stderr := command(t, input, "predict", run, "-"); code != exitFailed || !strings.HasPrefix(stderr, "thinnet: "+want) {
			t.Errorf("%q: exit code %d, %s, want %s", input, code, stderr, want)
		}
	}

	values[3*784] = float32(math.NaN())
	if err := export.WriteNPY(array, x); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := command(t, "", "predict", run, array)
	if want := "thinnet: " + array + ": sample 4: the model gives values that are not finite, want numbers: look at the sample, and at the weights\n"; code != exitFailed || stderr != want {
		t.Errorf("NaN: exit code %d, %s, want %s", code, stderr, want)
	}
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func testExport(t *testing.T, dir, run string) {
	for _, c := range []struct {
		file, format string
		args         []string
	}{
		{"a.onnx", "ONNX", []string{"--fold"}},
		{"b.onnx", "ONNX", []string{"--training"}},
		{"a.safetensors", "safetensors", nil},
		{"a.npz", "NPZ", []string{"--weights", "last"}},
		{"a.thinnet", "frozen model (safetensors)", []string{"--batches", "1,4"}},
		{"a.bin", "frozen model (safetensors)", []string{"--to", "frozen"}},
	} {
		path := filepath.Join(dir, c.file)
		ok(t, "", append([]string{"export", run, path}, c.args...)...)
		var got content
		if err := json.Unmarshal([]byte(ok(t, "", "inspect", path, "--json")), &got); err != nil {
			t.Fatal(err)
		}
		// 784·32 + 32 + 32·10 + 10, and what a frozen model has packed besides.
		if got.Format != c.format || got.Elements < 25450 || !strings.HasPrefix(c.format, "frozen") && got.Elements > 25460 {
			t.Errorf("%s: %s with %d elements", c.file, got.Format, got.Elements)
		}
		if c.format == "ONNX" && (got.ONNX.Opsets["ai.onnx"] != 17 || got.ONNX.Operators["Gemm"] != 2 || got.ONNX.Inputs[0].Shape[0] != "batch" ||
			(got.ONNX.Operators["Dropout"] > 0) != (c.file == "b.onnx")) {
			t.Errorf("%s: %+v", c.file, got.ONNX)
		}
		if text := ok(t, "", "inspect", path, "--stats"); !strings.HasPrefix(text, path+": "+c.format+", ") {
			t.Errorf("%s: %s", c.file, text)
		}
	}
	checkpoints, err := filepath.Glob(filepath.Join(run, "checkpoints", "*.safetensors"))
	if err != nil || len(checkpoints) == 0 {
		t.Fatal("no checkpoints")
	}
	if text := ok(t, "", "inspect", checkpoints[0]); !strings.Contains(text, ": checkpoint (safetensors), ") || !strings.Contains(text, "model.fc1.weight ") {
		t.Errorf("a checkpoint: %s", text)
	}
}

// A run that is given again does nothing; more epochs go on; another config is refused
// unless --fresh is given.
func TestTrainAgain(t *testing.T) {
	dir, run := trained(t)
	path := filepath.Join(dir, "small.yaml")
	weights := func() string {
		b, err := os.ReadFile(filepath.Join(run, "last.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first := weights()
	ok(t, "", "train", path, "-q")
	if weights() != first {
		t.Error("a run that was done has other weights")
	}
	ok(t, "", "train", path, "--set", "train.seed=1", "--set", "train.epochs=4") // the seed is the default
	if lines := readLines(t, filepath.Join(run, "history.csv")); len(lines) != 5 {
		t.Errorf("the history of four epochs has the lines %q", lines)
	}
	for _, set := range []string{"train.seed=2", "model.hidden=[16]", "data.samples=500"} {
		if code, _, stderr := command(t, "", "train", path, "--set", set); code != exitUsage || !strings.Contains(stderr, "--fresh to begin anew") {
			t.Errorf("%s: exit code %d, %s", set, code, stderr)
		}
	}
	ok(t, "", "train", path, "-q", "--fresh", "--set", "train.epochs=1")
	if lines := readLines(t, filepath.Join(run, "history.csv")); len(lines) != 2 {
		t.Errorf("the history of a fresh epoch has the lines %q", lines)
	}
	other := filepath.Join(dir, "it's other")
	if _, stdout, stderr := command(t, "", "train", path, "-q", "--out", other, "--tensorboard", "--report", "--dashboard", "localhost:0", "--set", "train.weights="+run+"/best.safetensors"); stderr != "" || !strings.HasSuffix(stdout, other+"\n") {
		t.Errorf("quiet: %q, %q", stdout, stderr)
	}
	if files, err := filepath.Glob(filepath.Join(other, "tensorboard", "*", "*tfevents*")); err != nil || len(files) == 0 {
		t.Error("there are no event files")
	}
	if page, err := os.ReadFile(filepath.Join(other, "report.html")); err != nil || !strings.Contains(string(page), "name: MLP") {
		t.Errorf("the report has no model (%v)", err)
	}
	if _, _, stderr := command(t, "", "train", path, "--out", other+"2", "--dashboard", "localhost:0", "--set", "train.epochs=1"); !strings.Contains(stderr, "the run is shown at http://") {
		t.Errorf("no address of the page: %s", stderr)
	}
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

func TestCompareAndBench(t *testing.T) {
	path := writeFile(t, filepath.Join(t.TempDir(), "study.yaml"), small+`
compare:
  seeds: [1, 2]
  variants:
    - {name: none, model: {dropout: 0}}
    - {name: half, model: {dropout: 0.5}, train: {optimiser: SGD}}
`)
	got := ok(t, "", "compare", path, "-q", "--set", "train.epochs=1")
	if !strings.Contains(got, "\nnone   ") || !strings.Contains(got, "\nhalf   ") || !strings.Contains(got, "error % (accuracy)") {
		t.Errorf("compare: %s", got)
	}
	for _, name := range []string{"compare.csv", "compare.png"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "run", "compare", name)); err != nil {
			t.Error(err)
		}
	}
	if got := ok(t, "", "compare", path, "-q", "--set", "train.epochs=1", "--set", "compare.folds=2", "--set", "compare.seeds=[1]", "--out", filepath.Join(filepath.Dir(path), "folds")); !strings.Contains(got, "\nnone   ") {
		t.Errorf("compare by folds: %s", got)
	}
	for _, args := range [][]string{{path}, {"ClassicCNN", "--shape", "1x8x8", "--batch", "4"}} {
		var r timings
		if err := json.Unmarshal([]byte(ok(t, "", append([]string{"bench", "--json", "--time", "1ms"}, args...)...)), &r); err != nil {
			t.Fatal(err)
		}
		if r.Train.Samples <= 0 || r.Predict.Samples <= 0 || r.Parameters == 0 {
			t.Errorf("bench %q: %+v", args, r)
		}
	}
	if got := ok(t, "", "bench", path, "--time", "1ms"); !strings.HasPrefix(got, "MLP, batch 32 of samples (1, 28, 28), 25,450 parameters, ") {
		t.Errorf("bench: %s", got)
	}
}

func TestOthers(t *testing.T) {
	path := writeFile(t, filepath.Join(t.TempDir(), "starter.yaml"), ok(t, "", "init"))
	if _, err := readSettings(path, nil); err != nil {
		t.Error(err)
	}
	if got := ok(t, "", "version"); !strings.HasPrefix(got, "thinnet ") {
		t.Errorf("version: %s", got)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := ok(t, "", "completion", shell); !strings.Contains(got, "thinnet") {
			t.Errorf("completion for %s: %s", shell, got)
		}
	}
	for args, want := range map[string]string{
		"bench ": "\nClassicCNN\n", "export a b --to ": "\nfrozen\n", "eval a --split ": "\nvalidation\n", "predict --weights ": "last\n",
	} {
		if got := ok(t, "", append([]string{"__complete"}, strings.Split(args, " ")...)...); !strings.Contains(got, want) {
			t.Errorf("completion of %q: %q has no %q", args, got, want)
		}
	}
	if got := ok(t, ""); !strings.Contains(got, "Available Commands:") {
		t.Errorf("without arguments: %s", got)
	}
}

// With averages, what is validated is what best.safetensors holds.
func TestAverages(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, filepath.Join(dir, "f.yaml"), small)
	ema := filepath.Join(dir, "ema")
	ok(t, "", "train", path, "-q", "--out", ema, "--set", "train.ema.decay=0.9", "--set", "train.accumulate=2", "--set", "train.early_stopping={}")
	lines := readLines(t, filepath.Join(ema, "history.jsonl"))
	best := math.Inf(1)
	for _, line := range lines {
		var e struct {
			Loss float64 `json:"val_loss"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		best = min(best, e.Loss)
	}
	var e struct{ Loss float64 }
	if err := json.Unmarshal([]byte(ok(t, "", "eval", ema, "--split", "validation", "--weights", "best", "--json")), &e); err != nil {
		t.Fatal(err)
	}
	if math.Abs(e.Loss-best) > 1e-5 {
		t.Errorf("the loss of best.safetensors is %v, want the least of the history, %v", e.Loss, best)
	}

	swa := filepath.Join(dir, "swa")
	ok(t, "", "train", path, "-q", "--out", swa, "--set", "train.swa={first: 2, lr: 0.001, anneal_epochs: 1}", "--set", "train.schedule={name: Cosine, warmup_steps: 3}")
	if _, err := os.Stat(filepath.Join(swa, "best.safetensors")); err == nil {
		t.Error("with swa there is a best.safetensors")
	}
	ok(t, "", "eval", swa)
	for set, want := range map[string]string{
		"train.swa.first=9":             "--set train.swa.first: first is 9, want at most epochs, which is 3",
		"train.swa={first: 1, lr: 1}":   "--set train.swa: lr is given for all epochs, want it as that of the optimiser, or first above 1",
		"train.swa={first: 2, rate: 1}": "--set train.swa: unknown key rate of swa, want first, lr or anneal_epochs",
	} {
		if code, _, stderr := command(t, "", "train", path, "--set", set); code != exitUsage || stderr != "thinnet: "+want+"\n" {
			t.Errorf("%s: exit code %d, %s, want %s", set, code, stderr, want)
		}
	}
	if code, _, stderr := command(t, "", "train", path, "--set", "train.swa.first=1", "--set", "train.ema={}"); code != exitUsage {
		t.Errorf("both averages: exit code %d, %s", code, stderr)
	}
}

func TestFindLR(t *testing.T) {
	path := writeFile(t, filepath.Join(t.TempDir(), "f.yaml"), small)
	plot := filepath.Join(filepath.Dir(path), "rates.png")
	got := strings.TrimSpace(ok(t, "", "find-lr", path, "--plot", plot))
	if rate, err := strconv.ParseFloat(got, 64); err != nil || rate < 1e-4 || rate > 1 {
		t.Errorf("the rate is %s", got)
	}
	if _, err := os.Stat(plot); err != nil {
		t.Error(err)
	}
	if code, stdout, stderr := command(t, "", "find-lr", path, "--plot", plot+".txt"); code != exitFailed || stdout != got+"\n" {
		t.Errorf("a plot that cannot be: exit code %d, %q, %s", code, stdout, stderr)
	}
	if code, _, stderr := command(t, "", "find-lr", path, "--from", "1", "--to", "0.1"); code != exitUsage {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
