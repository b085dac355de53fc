package onnx_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

// Random graphs, of all operators with random attributes, compute what ONNX Runtime does,
// for the batch size that they were loaded for and for others. THINNET_GRAPHS is how many
// are tried, THINNET_GRAPHS_FROM the first one.
func TestRandomGraphs(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	dir := t.TempDir()
	from, of := number("THINNET_GRAPHS_FROM", 0), []*randomGraph{}
	var jobs []onnxtest.Job
	var ours []*tensor.Dense
	var wrong []error
	for seed := from; seed < from+number("THINNET_GRAPHS", 200); seed++ {
		g := newRandomGraph(uint64(seed))
		path := filepath.Join(dir, fmt.Sprint(seed, ".onnx"))
		if err := os.WriteFile(path, g.file(), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, batch := range []int{g.shape[0], 1, 5} {
			x := g.input(batch)
			y, err := g.predict(x)
			jobs = append(jobs, onnxtest.Job{Model: path, Inputs: map[string]*tensor.Dense{"x": x}})
			of, ours, wrong = append(of, g), append(ours, y), append(wrong, err)
		}
	}
	refused, refusedAt := 0, map[*randomGraph]bool{}
	for i, r := range onnxtest.Run(t, jobs) {
		g, batch := of[i], jobs[i].Inputs["x"].Shape()[0]
		switch {
		case r.Err != nil:
			refused++
			refusedAt[g] = refusedAt[g] || batch == g.shape[0]
			t.Logf("%v, batch %d: ONNX Runtime says %.300v, we %v", g, batch, r.Err, wrong[i])
			continue
		case wrong[i] != nil && (refusedAt[g] || volume(r.Outputs[g.last].Shape) == 0 || strings.Contains(wrong[i].Error(), "want a window that fits")):
			continue // it can't be loaded for that batch, or nothing is left, or ONNX Runtime reads beyond the end
		case wrong[i] != nil:
			t.Errorf("%v, batch %d: ONNX Runtime computes it, and we say: %v", g, batch, wrong[i])
			continue
		}
		want, got := r.Outputs[g.last], ours[i]
		if !slices.Equal(got.Shape(), want.Shape) {
			t.Errorf("%v, batch %d: the output has shape %v, want %v", g, batch, got.Shape(), want.Shape)
			continue
		}
		if off, size := apart(graph.Data[float32](got), want.Values); !(off <= 5e-5*size) {
			t.Errorf("%v, batch %d: the outputs are off by %.3g, of up to %.3g\ngot  %v\nwant %v", g, batch, off, size, some(graph.Data[float32](got)), some(want.Values))
		}
	}
	t.Logf("%d of %d are refused by ONNX Runtime", refused, len(jobs))
}

// number is that of a variable of the environment, if it is set.
func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func some[T any](v []T) []T { return v[:min(len(v), 12)] }

// apart are the largest difference and the largest number, of finite ones.
func apart(a []float32, b []float64) (off, size float64) {
	size = 0.1 // below, only the functions of both differ
	for i, v := range a {
		v, w := float64(v), b[i]
		if v == w || math.IsNaN(v) && math.IsNaN(w) {
			continue
		}
		if d := math.Abs(v - w); !(d < math.Inf(1)) {
			return math.NaN(), size
		}
		off = max(off, math.Abs(v-w))
	}
	for _, w := range b {
		if a := math.Abs(w); a < math.Inf(1) {
			size = max(size, a)
		}
	}
	return off, size
}

// A randomGraph is a graph while it is made. It grows while it can be loaded.
type randomGraph struct {
	*rand.Rand
	seed   uint64
	opset  int
	shape  []int // of the input
	g      *onnxpb.GraphProto
	last   string // the value at the end
	at     []int  // its shape
	fresh  bool   // it is the input
	over   bool   // no node follows
	names  int
	text   string
	loaded *graph.Model
	err    error
}

func newRandomGraph(seed uint64) *randomGraph {
	r := rand.New(rand.NewPCG(seed, 77))
	opset := []int{9, 11, 12, 13, 14, 17, 17, 18, 19, 20, 21}[r.IntN(11)]
	shape := []int{2 + r.IntN(3)}
	for range []int{1, 2, 2, 3, 3, 3, 4}[r.IntN(7)] {
		shape = append(shape, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12}[r.IntN(11)])
	}
	g := emptyGraph(r, opset, shape...)
	g.seed = seed
	for range 1 + g.IntN(5) {
		made := choices[g.IntN(len(choices))]
		before, text, last := len(g.g.Node), g.text, g.last
		if !made(g) {
			g.g.Node, g.text, g.last = g.g.Node[:before], text, last
			continue
		}
		g.fresh = false
		y, err := g.load()
		if g.loaded, g.err = y, err; err != nil {
			break
		}
		if g.at = y.OutputShape(); g.over || len(g.at) == 0 || len(g.at) > 6 || volume(g.at) > 1<<16 {
			break
		}
	}
	if len(g.g.Node) == 0 {
		g.node("Identity", nil, "x")
		g.loaded, g.err = g.load()
	}
	return g
}

// emptyGraph has an input x, whose first axis is open.
func emptyGraph(r *rand.Rand, opset int, shape ...int) *randomGraph {
	g := &randomGraph{Rand: r, opset: opset, shape: shape, at: shape, last: "x", fresh: true}
	info := &onnxpb.TensorShapeProto{}
	for axis, d := range shape {
		dim := &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}}
		if axis == 0 {
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "N"}
		}
		info.Dim = append(info.Dim, dim)
	}
	g.g = &onnxpb.GraphProto{Name: proto.String("random"), Input: []*onnxpb.ValueInfoProto{{Name: proto.String("x"), Type: tensorType(info)}}}
	return g
}

func tensorType(shape *onnxpb.TensorShapeProto) *onnxpb.TypeProto {
	return &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), Shape: shape}}}
}

func (g *randomGraph) String() string {
	return fmt.Sprintf("graph %d of opset %d, x%v%s", g.seed, g.opset, g.shape, g.text)
}

// file is the graph as a file.
func (g *randomGraph) file() []byte {
	g.g.Output = []*onnxpb.ValueInfoProto{{Name: &g.last, Type: tensorType(nil)}}
	version := map[bool]int64{true: 8, false: 10}[g.opset < 19]
	data, err := proto.Marshal(&onnxpb.ModelProto{IrVersion: &version, Graph: g.g,
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(int64(g.opset))}}})
	if err != nil {
		panic(err)
	}
	return data
}

func (g *randomGraph) load() (*graph.Model, error) {
	data := g.file()
	f, err := onnx.Read(bytes.NewReader(data), int64(len(data)), onnx.InputShape(g.shape...))
	if err != nil {
		return nil, err
	}
	return graph.Build(f.Declare, f.Shape())
}

func (g *randomGraph) input(batch int) *tensor.Dense {
	shape := slices.Clone(g.shape)
	shape[0] = batch
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	r := rand.New(rand.NewPCG(g.seed, uint64(batch)))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(r.NormFloat64())
	}
	return x
}

func (g *randomGraph) predict(x *tensor.Dense) (*tensor.Dense, error) {
	if g.err != nil || g.loaded == nil {
		return nil, g.err
	}
	return g.loaded.Predict(x)
}
