package onnxtest

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// A Case is a model whose file is to compute what it predicts.
type Case struct {
	Name  string
	Model *graph.Model
	// Least is the smallest batch that the model takes, by default 1.
	Least int
	// Input makes the numbers of an input; standard normal ones without.
	Input func(r *rand.Rand) float64
}

// A Function computes an output.
type Function func(m *graph.Model, x *tensor.Dense) (*tensor.Dense, error)

// tolerance is of the largest element of an output. Each side adds up its terms in its own
// order, with roundings of 6e-8.
const tolerance = 1e-5

// Agree exports models, has the files checked, and compares their outputs by ONNX Runtime
// with predictions, for two batch sizes that the model was not built for.
func Agree(t *testing.T, cases []Case, opts ...onnx.Option) {
	t.Helper()
	Compare(t, cases, Comparison{Want: (*graph.Model).Predict}, opts...)
}

// A Comparison is what a file is compared with, and how.
type Comparison struct {
	// Want is what the model computes. Without it only the shapes of outputs are compared,
	// as of those that draw.
	Want Function
	// Edit changes a file, if it is not nil.
	Edit func(*onnxpb.ModelProto)
	// AsWritten is as in [Job].
	AsWritten bool
}

// Compare is [Agree] with something else than predictions.
func Compare(t *testing.T, cases []Case, by Comparison, opts ...onnx.Option) {
	t.Helper()
	dir := t.TempDir()
	var files []string
	names := map[string]string{}
	var jobs []Job
	var of []Case
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprint(i, ".onnx"))
		if err := onnx.Export(c.Model, path, opts...); err != nil {
			t.Errorf("%s: %+v", c.Name, err)
			continue
		}
		if by.Edit != nil {
			change(t, path, by.Edit)
		}
		files, names[path] = append(files, path), c.Name
		for _, batch := range []int{max(1, c.Least), c.Model.Shape()[0] + 3} {
			jobs, of = append(jobs, Job{path, map[string]*tensor.Dense{"input": c.input(batch)}, by.AsWritten}), append(of, c)
		}
	}
	t.Run("checker", func(t *testing.T) {
		for path, wrong := range Check(t, files...) {
			t.Errorf("%s: %s", names[path], wrong)
		}
	})
	t.Run("ONNX Runtime", func(t *testing.T) {
		for i, r := range Run(t, jobs) {
			of[i].compare(t, jobs[i], r, by.Want)
		}
	})
}

func change(t *testing.T, path string, edit func(*onnxpb.ModelProto)) {
	t.Helper()
	p := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(read(t, path), p); err != nil {
		t.Fatal(err)
	}
	edit(p)
	file, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, file)
}

func (c Case) input(batch int) *tensor.Dense {
	f := c.Input
	if f == nil {
		f = (*rand.Rand).NormFloat64
	}
	shape := c.Model.Shape()
	shape[0] = batch
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	r := rand.New(rand.NewPCG(1, uint64(batch)))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(f(r))
	}
	return x
}

func (c Case) compare(t *testing.T, j Job, r Result, f Function) {
	t.Helper()
	x := j.Inputs["input"]
	drawn := f == nil
	if drawn {
		f = (*graph.Model).Predict
	}
	want, err := f(c.Model, x)
	if err != nil {
		t.Errorf("%s: %+v", c.Name, err)
		return
	}
	if r.Err != nil {
		t.Errorf("%s for shape %v: ONNX Runtime says: %v", c.Name, x.Shape(), r.Err)
		return
	}
	got := r.Outputs["output"]
	if !slices.Equal(got.Shape, want.Shape()) {
		t.Errorf("%s for shape %v: the output has shape %v, want %v", c.Name, x.Shape(), got.Shape, want.Shape())
		return
	}
	if drawn {
		return
	}
	size, off := 0.0, 0.0
	for i, v := range graph.Data[float32](want) {
		size = max(size, math.Abs(float64(v)))
		off = max(off, math.Abs(got.Values[i]-float64(v)))
	}
	if !(off <= tolerance*size) { // this way round, NaN is wrong too
		t.Errorf("%s for shape %v: the largest difference is %.3g for outputs of up to %.3g, want at most %.0e of that", c.Name, x.Shape(), off, size, tolerance)
	}
}

// Rows are cases of the gradient table as models, whose inputs are weights. Those that have
// no form in ONNX are left out; each must be listed in except, by its name or by its node.
func Rows(t *testing.T, rows []graphtest.Case, except []string, opts ...onnx.Option) (out []Case) {
	t.Helper()
	without := map[string]bool{}
	for _, c := range rows {
		m, err := graph.Build(c.Func(), graph.Shape{1, 1}, graph.Seed(1))
		if err != nil {
			t.Fatalf("%v: %+v", c, err)
		}
		err = onnx.Write(io.Discard, m, opts...)
		if err == nil || !strings.Contains(err.Error(), "has no form in ONNX") {
			out = append(out, Case{Name: c.String(), Model: m})
			continue
		}
		listed := slices.DeleteFunc([]string{c.Node, c.String()}, func(name string) bool { return !slices.Contains(except, name) })
		if len(listed) == 0 {
			t.Errorf("%v: %v", c, err)
		}
		for _, name := range listed {
			without[name] = true
		}
	}
	for _, name := range except {
		if !without[name] {
			t.Errorf("%s has a form in ONNX, or is no case; take it off the list", name)
		}
	}
	return out
}
