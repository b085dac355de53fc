// Package eventtest reads the event files of TensorBoard in tests, by Google's protobuf
// for Python and the schema that TensorFlow's JavaScript package ships.
package eventtest

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

var (
	//go:embed read.py
	reader []byte
	//go:embed event.proto
	schema []byte
)

// An Event is one of a file.
type Event struct {
	Time    float64
	Step    int
	What    string // file_version, graph_def, summary or session_log
	Version string
	Status  int
	Values  []Value
	Nodes   []Node
}

// A Value is one of a summary.
type Value struct {
	Tag, Kind, Plugin, Scalar, Text, PNG string
	// Histogram has the fields of the message, in order.
	Histogram [7][]float64
	Image     [3]int // width, height, colour space
}

// A Node is one of a graph.
type Node struct {
	Name, Op, Layer string
	Inputs          []string
	Shape           []int
}

// Float is the value of a scalar.
func (v Value) Float(t testing.TB) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(v.Scalar, 64)
	if err != nil {
		t.Fatalf("%s is no scalar: %v", v.Tag, err)
	}
	return f
}

// Picture is that of an image.
func (v Value) Picture(t testing.TB) image.Image {
	t.Helper()
	raw, err := hex.DecodeString(v.PNG)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", v.Tag, err)
	}
	return img
}

// Files are the event files of a folder in the order of their names.
func Files(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// Read returns the events of files. It skips the test where the reader is missing.
func Read(t testing.TB, files ...string) []Event {
	t.Helper()
	python, tensorflow := os.Getenv("THINNET_PYTHON"), os.Getenv("THINNET_TENSORFLOW")
	if python == "" || tensorflow == "" {
		t.Skip("THINNET_PYTHON names no Python with protobuf, or THINNET_TENSORFLOW not the folder of the package @tensorflow/tfjs-node")
	}
	dir := t.TempDir()
	api, err := os.ReadFile(filepath.Join(tensorflow, "src", "proto", "api.proto"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"api.proto": api, "event.proto": schema, "read.py": reader} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, append([]string{filepath.Join(dir, "read.py"), dir}, files...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("reading %v: %v\n%s", files, err, &stderr)
	}
	var events []Event
	if err := json.Unmarshal(out, &events); err != nil {
		t.Fatal(err)
	}
	return events
}
