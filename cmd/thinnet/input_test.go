package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/export"
	"gorgonia.org/tensor"
)

// A first line of words is passed over, and no other: a line of numbers is a sample.
func TestPredictTables(t *testing.T) {
	dir := t.TempDir()
	table := "a,b,kind\n" + strings.Repeat("1,0,\"\x1b[31m\u202ered\"\n0,1,blue\n", 20)
	path := writeFile(t, filepath.Join(dir, "f.yaml"), "model: {name: MLP, hidden: [2]}\ndata: {name: CSV, path: "+writeFile(t, filepath.Join(dir, "a.csv"), table)+"}\ntrain: {epochs: 1}\n")
	ok(t, "", "train", path, "-q")
	for input, want := range map[string]string{
		"a,b\n1,2\n":        "",
		"a,b,c\n1,2\n":      "",
		"1,2\n1,2,3\n":      "line 2 has 3 numbers, want 2: samples have shape (2)",
		"nan,2\n1,2\n":      `line 1, column 1 is "nan", want a number`,
		"1e99,2\n1,2\n":     `line 1, column 1 is "1e99", want a number`,
		"1.x,2\n1,2\n":      `line 1, column 1 is "1.x", want a number`,
		"a,b\nc,d\n":        `line 2, column 1 is "c", want a number`,
		"a,b\n":             "has no sample",
		"PK\x03\x04\n1\x00": "is no PNG, JPEG or GIF image, no NPY array and no table of numbers",
		"1,\"2\n":           "is no PNG, JPEG or GIF image, no NPY array and no table of numbers: parse error on line 1, column 6: extraneous or missing \" in quoted-field",
		"\x89PNG\r\n\x1a\n": "is an image, and the model wants samples of shape (2)",
	} {
		code, stdout, stderr := command(t, input, "predict", path, "-")
		if want == "" && (code != exitOK || strings.Count(stdout, "\n") != 1) || want != "" && (code != exitFailed || stderr != "thinnet: standard input: "+want+"\n") {
			t.Errorf("%q: exit code %d, %q, %s, want %s", input, code, stdout, stderr, want)
		}
	}
	// What is in the file of a stranger does not reach the terminal as it is.
	for _, got := range []string{ok(t, "1,0\n0,1\n", "predict", path, "-", "--top", "2"), ok(t, "", "eval", path)} {
		if strings.ContainsAny(got, "\x1b\u202e") || !strings.Contains(got, "·[31m·red") {
			t.Errorf("the class is printed as it is: %q", got)
		}
	}
}

func TestInspectPrintsWhatIsPrintable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	x := tensor.New(tensor.WithShape(1), tensor.WithBacking([]float32{1}))
	if err := export.WriteSafetensors(path, []export.Tensor{{Name: "w\x1b[2J", Value: x}}, map[string]string{"k\x1b[2J\u202e": "v\n\u2028"}); err != nil {
		t.Fatal(err)
	}
	got := ok(t, "", "inspect", path)
	if strings.ContainsAny(got, "\x1b\u202e\u2028") || !strings.Contains(got, "metadata k·[2J·: v··\n") || !strings.Contains(got, "\nw·[2J ") {
		t.Errorf("got %q", got)
	}
}

// A target that can be no class does not ask for a model of so many.
func TestTargetsThatAreNoClasses(t *testing.T) {
	dir := t.TempDir()
	for name, target := range map[string]int64{"a": 2_000_000_000, "b": -1} {
		x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]float32, 6)))
		labels := tensor.New(tensor.WithShape(2), tensor.WithBacking([]int64{target, target}))
		if err := export.WriteNPZ(filepath.Join(dir, name+".npz"), []export.Tensor{{Name: "x", Value: x}, {Name: "t", Value: labels}}); err != nil {
			t.Fatal(err)
		}
		path := writeFile(t, filepath.Join(dir, "f.yaml"), "model: MLP\ndata: {name: NPZ, path: "+name+".npz, validation: 0}\n")
		if code, _, stderr := command(t, "", "train", path); code != exitFailed || !strings.Contains(stderr, "f.yaml:2:7: data: the largest target is ") {
			t.Errorf("%d: exit code %d, %s", target, code, stderr)
		}
	}
}
