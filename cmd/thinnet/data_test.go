package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/export"
	"gorgonia.org/tensor"
)

// Every kind of data set is trained on, and then measured and predicted: what tells two
// classes apart is plain to see, so that a wrong order of axes or of classes would show.
func TestEveryDataSet(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some hundred epochs")
	}
	dir := t.TempDir()
	writeTables(t, dir)
	writeArrays(t, dir)
	writeImages(t, dir)
	const cnn = "{name: PlainCNN, channels: [4], dense: 8, dropout: 0, pool_dropout: 0}"
	const mlp = "{name: MLP, hidden: [16], dropout: 0, input_dropout: 0}"
	for _, c := range []struct{ name, model, data, input, class string }{
		{"csv", mlp, "{name: CSV, path: a.csv, test: b.csv, target: kind, comma: ';'}", "b.csv.x", "bird"},
		{"csv without header", mlp, "{name: CSV, path: a.txt, header: false, stratified: true}", "b.txt.x", "1"},
		{"npz", cnn, "{name: NPZ, path: a.npz, x: x_train, t: y_train, test_x: x_test, test_t: y_test, normalize: {mean: [0], std: [255]}}", "a.npy", "1"},
		{"npy", mlp, "{name: NPY, x: a.npy, t: t.npy, normalize: {mean: [0], std: [255]}}", "a.npy", "1"},
		{"npy of float64", mlp, "{name: NPY, x: d.npy, t: t.npy}", "d.npy", "1"},
		{"npy of int64", mlp, "{name: NPY, x: i.npy, t: t.npy, normalize: {mean: [100], std: [100]}}", "i.npy", "1"},
		{"images", cnn, "{name: ImageFolder, path: images, test: images, size: [8, 8], grey: true, augment: [{name: Shift, pixels: 1}, Mixup]}", "images/right/0.png", "right"},
		{"ts for LSTMs", "{name: LSTMClassifier, hidden: [16], dropout: 0}", "{name: TS, path: a.ts, test: b.ts}", "", ""},
		{"ts for convolutions", "{name: SeriesCNN, channels: [8]}", "{name: TS, path: a.ts, test: b.ts}", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeFile(t, filepath.Join(dir, "f.yaml"), fmt.Sprintf(`
model: %s
data: %s
train: {epochs: 30, batch: 10, optimiser: {name: Adam, lr: 0.02}, watch: accuracy}
`, c.model, c.data))
			run := filepath.Join(dir, "run-"+strings.ReplaceAll(c.name, " ", "-"))
			ok(t, "", "train", path, "-q", "--out", run)
			var e struct{ Metrics map[string]float64 }
			if err := json.Unmarshal([]byte(ok(t, "", "eval", run, "--json")), &e); err != nil {
				t.Fatal(err)
			}
			if e.Metrics["accuracy"] < 0.95 {
				t.Errorf("accuracy %v", e.Metrics["accuracy"])
			}
			if c.input == "" {
				return
			}
			first, _, _ := strings.Cut(ok(t, "", "predict", run, filepath.Join(dir, c.input)), "\n")
			if got := strings.Split(first, "\t"); len(got) != 3 || got[1] != c.class {
				t.Errorf("predicted %q, want class %s", first, c.class)
			}
		})
	}
}

// writeTables makes two classes of which the first value of a sample tells.
func writeTables(t *testing.T, dir string) {
	const header = "@problemName a\n@timestamps false\n@univariate true\n@classLabel true up down\n@data\n"
	var csv, plain, ts strings.Builder
	csv.WriteString("a;kind;b\n")
	ts.WriteString(header)
	for i := range 60 {
		v := float64(i%2) + 0.01*float64(i%7)
		fmt.Fprintf(&csv, "%v;%s;%v\n", v, []string{"ape", "bird"}[i%2], 0.1*float64(i%5))
		fmt.Fprintf(&plain, "%v,%v,%d\n", v, 0.1*float64(i%5), i%2)
		rise := v*2 - 1
		fmt.Fprintf(&ts, "%v,%v,%v,%v:%s\n", 0.0, rise, 2*rise, 3*rise, []string{"down", "up"}[i%2])
	}
	writeFile(t, filepath.Join(dir, "a.csv"), csv.String())
	writeFile(t, filepath.Join(dir, "b.csv"), csv.String())
	writeFile(t, filepath.Join(dir, "b.csv.x"), "a;b\n1.02;0.2\n0;0.3\n")
	writeFile(t, filepath.Join(dir, "a.txt"), plain.String())
	writeFile(t, filepath.Join(dir, "b.txt.x"), "1.02,0.2\n0,0.3\n")
	writeFile(t, filepath.Join(dir, "a.ts"), ts.String())
	writeFile(t, filepath.Join(dir, "b.ts"), header+"0,-1,-2:down\n0,1,2:up\n") // shorter: padded
}

// writeArrays makes bytes (n, 8, 8), bright in one half: to the right in class 1.
func writeArrays(t *testing.T, dir string) {
	const n = 60
	x, labels := make([]uint8, n*64), make([]int64, n)
	doubles, ints := make([]float64, n*64), make([]int64, n*64)
	for i := range n {
		labels[i] = int64(1 - i%2)
		for p := range 64 {
			if right := p%8 >= 4; right == (labels[i] == 1) {
				x[i*64+p] = uint8(200 + i%50)
				doubles[i*64+p], ints[i*64+p] = float64(x[i*64+p])/255, int64(x[i*64+p])
			}
		}
	}
	a := tensor.New(tensor.WithShape(n, 8, 8), tensor.WithBacking(x))
	b := tensor.New(tensor.WithShape(n), tensor.WithBacking(labels))
	if err := export.WriteNPZ(filepath.Join(dir, "a.npz"), []export.Tensor{{Name: "x_train", Value: a}, {Name: "y_train", Value: b}, {Name: "x_test", Value: a}, {Name: "y_test", Value: b}}); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*tensor.Dense{
		"a.npy": a, "t.npy": b,
		"d.npy": tensor.New(tensor.WithShape(n, 8, 8), tensor.WithBacking(doubles)),
		"i.npy": tensor.New(tensor.WithShape(n, 8, 8), tensor.WithBacking(ints)),
	} {
		if err := export.WriteNPY(filepath.Join(dir, name), d); err != nil {
			t.Fatal(err)
		}
	}
}

func writeImages(t *testing.T, dir string) {
	for i := range 40 {
		class := []string{"left", "right"}[i%2]
		img := image.NewGray(image.Rect(0, 0, 12, 12))
		for p := range 144 {
			if right := p%12 >= 6; right == (i%2 == 1) {
				img.Set(p%12, p/12, color.Gray{uint8(200 + i)})
			}
		}
		path := filepath.Join(dir, "images", class, fmt.Sprintf("%d.png", i/2))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil || f.Close() != nil {
			t.Fatal(err)
		}
	}
}

// MNIST and CIFAR-10 are opened by their files' names.
func TestMNISTAndCIFAR(t *testing.T) {
	dir := t.TempDir()
	record := func(label byte, n int) string { return string([]byte{label}) + strings.Repeat("\x80", n) }
	images := func(n byte) string {
		return "\x00\x00\x08\x03\x00\x00\x00" + string([]byte{n}) + "\x00\x00\x00\x1c\x00\x00\x00\x1c" + strings.Repeat("\x10", int(n)*784)
	}
	labels := func(n byte) string {
		return "\x00\x00\x08\x01\x00\x00\x00" + string([]byte{n}) + strings.Repeat("\x03", int(n))
	}
	for name, text := range map[string]string{
		"train-images-idx3-ubyte": images(20), "train-labels-idx1-ubyte": labels(20),
		"t10k-images-idx3-ubyte": images(4), "t10k-labels-idx1-ubyte": labels(4),
		"data_batch_1.bin": strings.Repeat(record(1, 3072), 10), "data_batch_2.bin": strings.Repeat(record(2, 3072), 10), "test_batch.bin": record(9, 3072),
	} {
		writeFile(t, filepath.Join(dir, name), text)
	}
	for name, test := range map[string]int{"MNIST": 4, "CIFAR10": 1} {
		path := writeFile(t, filepath.Join(dir, "f.yaml"), "model: {name: MLP, hidden: [2]}\ndata: {name: "+name+", path: .}\n")
		want := fmt.Sprintf("18 samples to train on, 2 to validate on, %d to test on, 10 classes\n", test)
		if got := ok(t, "", "check", path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
