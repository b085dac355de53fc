package onnx_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/onnx"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"gorgonia.org/tensor"
)

func readBytes(data []byte, opts ...onnx.LoadOption) error {
	_, err := onnx.Read(bytes.NewReader(data), int64(len(data)), opts...)
	return err
}

func TestLoadCutOff(t *testing.T) {
	data := smallFile(t, "cnn")
	for n := range data {
		if err := readBytes(data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are read without an error", n, len(data))
		}
	}
	// A file that has become shorter since its size was asked for.
	if _, err := onnx.Read(bytes.NewReader(data[:100]), int64(len(data))); err == nil || !strings.Contains(err.Error(), "it has become shorter") {
		t.Errorf("got %v", err)
	}
	if _, err := onnx.Read(bytes.NewReader(append(bytes.Clone(data), data...)), int64(len(data))); err != nil {
		t.Errorf("a file that has become longer: %v", err)
	}
}

// changed is a file after a change.
func changed(t *testing.T, change func(p *onnxpb.ModelProto)) []byte {
	t.Helper()
	p := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(smallFile(t, "cnn"), p); err != nil {
		t.Fatal(err)
	}
	change(p)
	data, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLoadUntrusted(t *testing.T) {
	node := func(op string) *onnxpb.NodeProto {
		return &onnxpb.NodeProto{OpType: &op, Name: proto.String("n"), Input: []string{"input"}, Output: []string{"y"}}
	}
	for want, change := range map[string]func(p *onnxpb.ModelProto){
		"it has no graph":                      func(p *onnxpb.ModelProto) { p.Graph = nil },
		"it says nothing of the opset":         func(p *onnxpb.ModelProto) { p.OpsetImport = nil },
		"it is of opset 99, want 1 to 21":      func(p *onnxpb.ModelProto) { p.OpsetImport[0].Version = proto.Int64(99) },
		"it has no outputs":                    func(p *onnxpb.ModelProto) { p.Graph.Output = nil },
		"nothing makes the output":             func(p *onnxpb.ModelProto) { p.Graph.Output[0].Name = proto.String("z") },
		`it reads "z", which nothing makes`:    func(p *onnxpb.ModelProto) { p.Graph.Node[0].Input[0] = "z" },
		"nodes must come after what they read": func(p *onnxpb.ModelProto) { p.Graph.Node[0].Input[0] = p.Graph.Output[0].GetName() },
		"is made before":                       func(p *onnxpb.ModelProto) { p.Graph.Node[1].Output[0] = "input" },
		"is there twice":                       func(p *onnxpb.ModelProto) { p.Graph.Initializer = append(p.Graph.Initializer, p.Graph.Initializer[0]) },
		"at most 2⁴⁰ elements":                 func(p *onnxpb.ModelProto) { p.Graph.Initializer[0].Dims = []int64{1 << 60} },
		"want sizes of at least 0":             func(p *onnxpb.ModelProto) { p.Graph.Initializer[0].Dims = []int64{-1} },
		"element type STRING is not read":      func(p *onnxpb.ModelProto) { p.Graph.Initializer[0].DataType = proto.Int32(8) },
		"the size of an axis is 1152921504606846": func(p *onnxpb.ModelProto) {
			dims(p)[1].Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: 1 << 60}
		},
		`Loop "n": the operator is not supported`: func(p *onnxpb.ModelProto) {
			p.Graph.Node, p.Graph.Output[0].Name = []*onnxpb.NodeProto{node("Loop")}, proto.String("y")
		},
		`Relu "n": operators of "com.example" are not supported`: func(p *onnxpb.ModelProto) {
			n := node("Relu")
			n.Domain = proto.String("com.example")
			p.Graph.Node, p.Graph.Output[0].Name = []*onnxpb.NodeProto{n}, proto.String("y")
		},
		`Relu "n": attribute "alpha" is not supported`: func(p *onnxpb.ModelProto) {
			n := node("Relu")
			n.Attribute = []*onnxpb.AttributeProto{{Name: proto.String("alpha")}}
			p.Graph.Node, p.Graph.Output[0].Name = []*onnxpb.NodeProto{n}, proto.String("y")
		},
		"sparse initialisers": func(p *onnxpb.ModelProto) { p.Graph.SparseInitializer = []*onnxpb.SparseTensorProto{{}} },
	} {
		data := changed(t, change)
		var err error
		if got := allocated(func() { err = readBytes(data) }); got > 1<<20 {
			t.Errorf("%s: %d bytes are allocated for a file of %d", want, got, len(data))
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for want, err := range map[string]error{
		"the reader is nil":                     second(onnx.Read(nil, 3)),
		"it has -1 bytes":                       second(onnx.Read(bytes.NewReader(nil), -1)),
		"it has 4294967296 bytes, want at most": second(onnx.Read(bytes.NewReader(nil), 1<<32)),
		`onnx.Bind: there is no input "a" to bind, want one of "input"`: readBytes(smallFile(t, "cnn"), onnx.Bind("a", tensor.New(tensor.FromScalar(float32(1))))),
		`the tensor for input "input" is nil`:                           readBytes(smallFile(t, "cnn"), onnx.Bind("input", nil)),
		"InputShape is (1, 3), want 4 sizes":                            readBytes(smallFile(t, "cnn"), onnx.InputShape(1, 3)),
		"want 4 at axis 3":                                              readBytes(smallFile(t, "cnn"), onnx.InputShape(1, 1, 4, 5)),
		"onnx.Open: the path is empty, want that of an ONNX file":       second(onnx.Open("")),
		"no such file":            second(onnx.Open(filepath.Join(t.TempDir(), "none.onnx"))),
		"is not a file, want one": second(onnx.Open(t.TempDir())),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func dims(p *onnxpb.ModelProto) []*onnxpb.TensorShapeProto_Dimension {
	return p.Graph.Input[0].Type.GetTensorType().Shape.Dim
}

// allocated returns the bytes that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Constants that a small file makes of constants are bounded: by Expand, Tile, Pad and
// others a few bytes ask for any number of elements.
func TestLoadBombs(t *testing.T) {
	ints := func(name string, v ...int64) *onnxpb.TensorProto {
		return &onnxpb.TensorProto{Name: &name, DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)), Dims: []int64{int64(len(v))}, Int64Data: v}
	}
	for op, shape := range map[string][]int64{"ConstantOfShape": {1 << 13, 1 << 13, 1 << 10}, "Expand": {1 << 20, 1 << 14}, "Tile": {1 << 30}, "Resize": {1 << 30}} {
		data := changed(t, func(p *onnxpb.ModelProto) {
			g := p.Graph
			g.Initializer = append(g.Initializer, ints("to", shape...), ints("one", 1))
			in := []string{"one", "to"}
			if op == "ConstantOfShape" {
				in = in[1:]
			}
			if op == "Resize" {
				in = []string{"one", "", "", "to"}
			}
			g.Node = append(g.Node, &onnxpb.NodeProto{OpType: &op, Input: in, Output: []string{"large"}},
				&onnxpb.NodeProto{OpType: proto.String("Add"), Input: []string{g.Output[0].GetName(), "large"}, Output: []string{"sum"}})
			g.Output[0].Name = proto.String("sum")
		})
		f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		var wrong error
		if got := allocated(func() { wrong = build(f) }); got > 200<<20 {
			t.Errorf("%s: %d MiB are allocated", op, got>>20)
		}
		if wrong == nil || strings.Contains(wrong.Error(), "panicked") {
			t.Errorf("%s: got %v", op, wrong)
		}
	}
}

// So is what is made of the input, by axes that a few bytes ask for.
func TestLoadComputedBombs(t *testing.T) {
	for op, to := range map[string][]int64{"Expand": {1 << 20, 1 << 20, 1, 1, 1, 1}, "Tile": {1 << 15, 1 << 15, 1 << 15, 1 << 15}} {
		data := changed(t, func(p *onnxpb.ModelProto) {
			g := p.Graph
			g.Initializer = append(g.Initializer, &onnxpb.TensorProto{Name: proto.String("to"), DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)),
				Dims: []int64{int64(len(to))}, Int64Data: to})
			g.Node = append(g.Node, &onnxpb.NodeProto{OpType: &op, Input: []string{"input", "to"}, Output: []string{"large"}},
				&onnxpb.NodeProto{OpType: proto.String("ReduceSum"), Input: []string{"large"}, Output: []string{"sum"}})
			g.Output[0].Name = proto.String("sum")
		})
		f, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		var wrong error
		if got := allocated(func() { wrong = build(f) }); got > 200<<20 {
			t.Errorf("%s: %d MiB are allocated", op, got>>20)
		}
		if wrong == nil || !strings.Contains(wrong.Error(), "elements, too many for an input of this size") {
			t.Errorf("%s: got %v", op, wrong)
		}
	}
}

// Messages that say nothing are counted before they are read.
func TestLoadManyMessages(t *testing.T) {
	nodes := bytes.Repeat([]byte{1<<3 | 2, 0}, 2_000_000)
	data := protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), nodes)
	var err error
	if got := allocated(func() { err = readBytes(data) }); got > uint64(5*len(data)) {
		t.Errorf("%d MiB are allocated for a file of %d", got>>20, len(data)>>20)
	}
	if want := "messages, too many for a file of 4000005 bytes"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// Data outside of the file are found below its folder alone.
func TestLoadExternalData(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var raw []byte
	with := func(entries ...string) []byte {
		return changed(t, func(p *onnxpb.ModelProto) {
			for _, w := range p.Graph.Initializer {
				if w.GetName() == "fc.weight" {
					raw = w.RawData
					w.RawData, w.DataLocation = nil, onnxpb.TensorProto_EXTERNAL.Enum()
					for i := 0; i < len(entries); i += 2 {
						w.ExternalData = append(w.ExternalData, &onnxpb.StringStringEntryProto{Key: &entries[i], Value: &entries[i+1]})
					}
				}
			}
		})
	}
	inside := with("location", "data/weights.bin", "offset", "8")
	write("model/data/weights.bin", append(make([]byte, 8), raw...))
	write("secret.bin", append(make([]byte, 8), raw...))
	m, err := onnx.Load(write("model/m.onnx", inside))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, w := range m.Weights() {
		if w.Name == "fc.weight" && w.Value.Float32s()[0] == 0 {
			t.Errorf("fc.weight was not read: %v", w.Value)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "secret.bin"), filepath.Join(dir, "model", "link.bin")); err != nil {
		t.Logf("no symbolic link: %v", err)
	}
	for want, entries := range map[string][]string{
		"the path leaves the folder":                {"location", "../secret.bin"},
		"the path leaves the folder of the model, ": {"location", filepath.Join(dir, "secret.bin")},
		"escapes":       {"location", "link.bin"},
		"no such file":  {"location", "data/none.bin"},
		"is not a file": {"location", "data"},
		"bytes, want":   {"location", "data/weights.bin", "offset", "100"},
		`the offset "-1", want a number of bytes`: {"location", "data/weights.bin", "offset", "-1"},
		"have 1152921504606846976 bytes, want":    {"location", "data/weights.bin", "length", "1152921504606846976"},
		`two entries "location"`:                  {"location", "a", "location", "b"},
	} {
		_, err := onnx.Load(write("model/m.onnx", with(entries...)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", entries, err, want)
		}
	}
	if err := readBytes(inside); err == nil || !strings.Contains(err.Error(), "use onnx.Load") {
		t.Errorf("without a folder: got %v", err)
	}
}
