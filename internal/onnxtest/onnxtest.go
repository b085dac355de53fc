package onnxtest

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

var (
	//go:embed run.js
	runner []byte
	//go:embed check.py
	checker []byte
)

// A Job is a file to run once.
type Job struct {
	Model  string // its path
	Inputs map[string]*tensor.Dense
	// AsWritten runs every node. Else a file is optimised first, for predictions: ONNX
	// Runtime then takes every Dropout for the identity, whatever its training_mode.
	AsWritten bool
}

// A Result is what a [Job] returns.
type Result struct {
	Outputs map[string]Output
	Err     error // of ONNX Runtime
}

// An Output is one of a file; its type is float32, float64 or int64.
type Output struct {
	Shape  []int
	Values []float64
}

type input struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Dims []int  `json:"dims"`
	File string `json:"file"`
}

// Run runs jobs by ONNX Runtime, all in one process.
func Run(t testing.TB, jobs []Job) []Result {
	t.Helper()
	folder := os.Getenv("THINNET_ONNXRUNTIME")
	if folder == "" {
		t.Skip("THINNET_ONNXRUNTIME names no folder in which npm has installed onnxruntime-node")
	}
	type job struct {
		Model  string  `json:"model"`
		Inputs []input `json:"inputs"`
		Out    string  `json:"out"`
		Level  string  `json:"level"`
	}
	dir := t.TempDir()
	list := make([]job, len(jobs))
	for i, j := range jobs {
		list[i] = job{j.Model, []input{}, filepath.Join(dir, fmt.Sprint("out", i)), "all"}
		if j.AsWritten {
			list[i].Level = "disabled"
		}
		for name, x := range j.Inputs {
			in := input{name, fmt.Sprint(x.Dtype()), append([]int{}, x.Shape()...), filepath.Join(dir, fmt.Sprintf("in%d.%d", i, len(list[i].Inputs)))}
			write(t, in.File, encoded(t, x.Data()))
			list[i].Inputs = append(list[i].Inputs, in)
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "jobs.json"), text)
	write(t, filepath.Join(dir, "run.js"), runner)
	run(t, "node", filepath.Join(dir, "run.js"), folder, filepath.Join(dir, "jobs.json"))
	results := make([]Result, len(jobs))
	for i, j := range list {
		results[i] = result(t, j.Out)
	}
	return results
}

func result(t testing.TB, out string) (r Result) {
	t.Helper()
	var answer struct {
		Error   string
		Outputs []struct {
			Name, Type string
			Dims       []int
		}
	}
	if err := json.Unmarshal(read(t, out+".json"), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Error != "" {
		return Result{Err: errors.New(answer.Error)}
	}
	r.Outputs = map[string]Output{}
	for i, o := range answer.Outputs {
		n := 1
		for _, d := range o.Dims {
			n *= d
		}
		raw := bytes.NewReader(read(t, fmt.Sprintf("%s.%d", out, i)))
		r.Outputs[o.Name] = Output{o.Dims, decoded(t, o.Type, n, raw)}
	}
	return r
}

func encoded(t testing.TB, data any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, data); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decoded(t testing.TB, kind string, n int, raw *bytes.Reader) []float64 {
	t.Helper()
	out := make([]float64, n)
	fill := map[string]func() error{
		"float32": func() error { return widen[float32](out, raw) },
		"float64": func() error { return widen[float64](out, raw) },
		"int64":   func() error { return widen[int64](out, raw) },
	}[kind]
	if fill == nil {
		t.Fatalf("an output is %s, want float32, float64 or int64", kind)
	}
	if err := fill(); err != nil {
		t.Fatal(err)
	}
	return out
}

func widen[T float32 | float64 | int64](out []float64, raw *bytes.Reader) error {
	v := make([]T, len(out))
	err := binary.Read(raw, binary.LittleEndian, v)
	for i, x := range v {
		out[i] = float64(x)
	}
	return err
}

// Check has files checked and their shapes inferred by ONNX's own Python package. It
// returns what is wrong with each, if anything is.
func Check(t testing.TB, files ...string) map[string]string {
	t.Helper()
	python := os.Getenv("THINNET_PYTHON")
	if python == "" {
		t.Skip("THINNET_PYTHON names no Python that has the package onnx")
	}
	script := filepath.Join(t.TempDir(), "check.py")
	write(t, script, checker)
	wrong := map[string]string{}
	for line := range strings.Lines(string(run(t, python, append([]string{script}, files...)...))) {
		path, what, _ := strings.Cut(strings.TrimSpace(line), "\t")
		wrong[path] = what
	}
	return wrong
}

func run(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.Bytes())
	}
	return out
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
