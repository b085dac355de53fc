package thinnet

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/train"
)

var guides = []string{"docs/from-pytorch.md", "docs/from-keras.md"}

// blocks returns the code of a language in a document.
func blocks(t *testing.T, path, language string) (out []string) {
	t.Helper()
	for _, b := range strings.Split(readFile(t, path), "```"+language+"\n")[1:] {
		b, _, _ = strings.Cut(b, "```")
		out = append(out, b)
	}
	return out
}

// The guides' code in Go is that of guides_code_test.go, which is run below.
func TestGuidesShowCodeThatRuns(t *testing.T) {
	program := readFile(t, "guides_code_test.go")
	for _, path := range guides {
		bs := blocks(t, path, "go")
		if len(bs) == 0 {
			t.Errorf("%s shows no code", path)
		}
		for _, b := range bs {
			if !strings.Contains(program, b) {
				t.Errorf("%s shows code that is not in guides_code_test.go:\n%s", path, b)
			}
		}
	}
}

// What the guides name in tables and text is there.
func TestGuidesNameWhatThereIs(t *testing.T) {
	ours := regexp.MustCompile(`\b(regularize|nodes|graph|models|train|export)\.([A-Z]\w*)`)
	known := map[string]map[string]bool{}
	for _, path := range append([]string{"docs/robustness.md"}, guides...) {
		for _, c := range code.FindAllStringSubmatch(readFile(t, path), -1) {
			for _, m := range ours.FindAllStringSubmatch(c[1], -1) {
				if known[m[1]] == nil {
					known[m[1]] = exported(t, m[1])
				}
				if !known[m[1]][m[2]] {
					t.Errorf("%s names %s, which does not exist", path, m[0])
				}
			}
		}
	}
}

func TestGuidesTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for ten epochs and more")
	}
	stderr := os.Stderr // progress is for people, not for tests
	t.Cleanup(func() { os.Stderr = stderr })
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	os.Stderr = null
	training, validation, test := train.Digits(256, 1), train.Digits(64, 2), train.Digits(64, 3)
	if err := trainFromPyTorch(t.Context(), training, validation); err != nil {
		t.Errorf("from PyTorch: %+v", err)
	}
	if err := trainFromKeras(t.Context(), training, validation, test); err != nil {
		t.Errorf("from Keras: %+v", err)
	}
}

// The guide's modules, run by PyTorch, and our functions give the same output with
// PyTorch's weights, from files of torch.save.
func TestGuideFromPyTorch(t *testing.T) {
	p, err := python()
	if err != nil && os.Getenv("THINNET_PYTHON") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	script := "import numpy, torch\nfrom torch import nn\nfrom torch.nn import functional as F\ntorch.manual_seed(1)\n"
	for _, b := range blocks(t, guides[0], "python") {
		if strings.HasPrefix(b, "class ") {
			script += b + "\n\n"
		}
	}
	script += `
x = torch.randn(5, 1, 28, 28)
for name, net in dict(mlp=MLP(), cnn=CNN(), classifier=Classifier()).items():
    optimizer = torch.optim.Adam(net.parameters())
    net(x).sum().backward()
    optimizer.step()
    torch.save(net.state_dict(), name + ".pt")
    torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict()}, "checkpoint.pt" if name == "cnn" else name + "_checkpoint.pt")
    numpy.savez(name + ".npz", x=x.numpy(), y=net.eval()(x).detach().numpy())
`
	t.Chdir(t.TempDir())
	if err := os.WriteFile("guide.py", []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(p, "guide.py").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, f := range map[string]graph.Func{"mlp": mlp, "cnn": cnn, "classifier": classifier} {
		xy, err := export.ReadNPZ(name + ".npz")
		if err != nil {
			t.Fatal(err)
		}
		m := build(t, f, xy[0].Value.Shape(), graph.Seed(2))
		if err := export.LoadPyTorch(m, name+".pt"); err != nil {
			t.Errorf("%+v", err)
			continue
		}
		y, err := m.Predict(xy[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		wantClose(t, name, floats(t, y), floats(t, xy[1].Value), outputTolerance32, outputTolerance32)
	}
	if err := loadFromPyTorch(build(t, cnn, graph.Shape{5, 1, 28, 28})); err != nil {
		t.Errorf("%+v", err)
	}
	if _, err := os.Stat("cnn.safetensors"); err != nil {
		t.Error(err)
	}
}

// The guide's convolutional network takes variables of Keras's names and shapes.
func TestGuideFromKeras(t *testing.T) {
	t.Chdir(t.TempDir())
	var vars []export.Tensor
	add := func(name string, shape ...int) {
		vars = append(vars, export.Tensor{Name: "sequential/" + name, Value: normal(uint64(len(vars)), shape...)})
	}
	for _, layer := range []struct {
		number  string
		in, out int
	}{{"", 1, 16}, {"_1", 16, 32}} {
		add("conv2d"+layer.number+"/kernel", 3, 3, layer.in, layer.out)
		for _, v := range []string{"gamma", "beta", "moving_mean", "moving_variance"} {
			add("batch_normalization"+layer.number+"/"+v, layer.out)
		}
	}
	add("dense/kernel", 7*7*32, 10)
	add("dense/bias", 10)
	if err := export.WriteNPZ("weights.npz", vars); err != nil {
		t.Fatal(err)
	}
	if err := loadFromKeras(build(t, convnet, graph.Shape{5, 1, 28, 28})); err != nil {
		t.Errorf("%+v", err)
	}
	for name, f := range map[string]graph.Func{"perceptron": perceptron, "lines": lines} {
		m := build(t, f, graph.Shape{5, 1, 28, 28})
		if y, err := m.Predict(normal(1, 5, 1, 28, 28)); err != nil || y.Shape()[1] != 10 {
			t.Errorf("%s: got %v (%v), want (5, 10)", name, y, err)
		}
	}
}
