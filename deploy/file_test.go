package deploy_test

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

var small = model{name: "small", net: models.MLP(3, models.Hidden(5)), shape: graph.Shape{2, 4}}

// overwritten writes data to a file of its own.
func overwritten(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.thinnet")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sealed puts the checksum of data at its end.
func sealed(data []byte) []byte {
	end := len(data) - 4
	copy(data[end:], make([]byte, 4))
	binary.LittleEndian.PutUint32(data[end:], crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
	return data
}

func replaced(data []byte, old, new string) []byte {
	return []byte(strings.Replace(string(data), old, new, 1))
}

// Any byte that is another one, or missing, is an error and nothing worse.
func TestDamagedFiles(t *testing.T) {
	data := read(t, frozen(t, small.build(t)))
	for at := range data {
		if at > 200 && at%7 != 0 {
			continue
		}
		damaged := slices.Clone(data)
		damaged[at] ^= 0x41
		if _, err := deploy.OpenFunc(overwritten(t, damaged), small.net); err == nil {
			t.Errorf("byte %d of %d damaged: no error", at, len(data))
		}
		if _, err := deploy.OpenFunc(overwritten(t, data[:at]), small.net); err == nil {
			t.Errorf("cut off after %d of %d bytes: no error", at, len(data))
		}
	}
}

func TestMistakes(t *testing.T) {
	data := read(t, frozen(t, small.build(t)))
	flipped := slices.Clone(data)
	flipped[len(flipped)-100]++
	weights := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := export.SaveSafetensors(small.build(t), weights); err != nil {
		t.Fatal(err)
	}
	wider := models.MLP(3, models.Hidden(6))
	for _, c := range []struct {
		name, path string
		net        graph.Func
		want       string
	}{
		{"no file", filepath.Join(t.TempDir(), "none"), small.net, "no such file"},
		{"no path", "", small.net, "deploy.OpenFunc: the path is empty"},
		{"a folder", t.TempDir(), small.net, "is not a file"},
		{"an empty file", overwritten(t, nil), small.net, "is empty"},
		{"a file of weights", weights, small.net, "is no frozen model"},
		{"cut off", overwritten(t, data[:len(data)-10]), small.net, "want begin ≤ end ≤"},
		{"damaged", overwritten(t, flipped), small.net, "the file is damaged: its CRC-32C is"},
		{"a later version", overwritten(t, sealed(replaced(data, `"version":"1"`, `"version":"2"`))), small.net, `of version "2", want 1`},
		{"no model", overwritten(t, sealed(replaced(data, `"model":"{`, `"model":"[`))), small.net, `metadata "model"`},
		{"another model", overwritten(t, data), wider, "want float32 and (6, 4)"},
		{"one layer less", overwritten(t, data), func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc1"), x, 5)
		}, "declares no fc2.bias"},
		{"no model function", overwritten(t, data), nil, "the model function is nil"},
	} {
		_, err := deploy.OpenFunc(c.path, c.net)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: got %v, want %q and the path in it", c.name, err, c.want)
		}
	}
	if err := deploy.Freeze(nil, filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a nil model: no error")
	}
	if err := deploy.Freeze(small.build(t), filepath.Join(t.TempDir(), "x"), deploy.Batches(0)); err == nil || !strings.Contains(err.Error(), "batch is 0") {
		t.Errorf("a batch of 0: got %v, want an error", err)
	}
	taken, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("packed/fc"), x, 2)
	}, graph.Shape{1, 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := deploy.Freeze(taken, filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "packed/fc.weight") {
		t.Errorf("a weight with a name of the file's own: got %v, want an error", err)
	}
}

func TestClosed(t *testing.T) {
	p := open(t, frozen(t, small.build(t)), small.net)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.PredictInto(make([]float32, 3), make([]float32, 4)); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v, want that it is closed", err)
	}
	if _, err := (*deploy.Predictor)(nil).Predict(nil); err == nil {
		t.Error("a nil predictor: no error")
	}
	if err := new(deploy.Predictor).PredictInto(nil, nil); err == nil {
		t.Error("a predictor that is not open: no error")
	}
}

// The weights of a file are those of the model, for whoever reads safetensors.
func TestOtherReaders(t *testing.T) {
	m := small.build(t)
	ts, _, err := export.ReadSafetensors(frozen(t, m))
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]*tensor.Dense{}
	for _, x := range ts {
		in[x.Name] = x.Value
	}
	for _, w := range m.Weights() {
		if v := in[w.Name]; v == nil || !v.Eq(w.Value) {
			t.Errorf("the file has %v as %s, want %v", v, w.Name, w.Value)
		}
	}
}

func TestBatches(t *testing.T) {
	c := every[3]
	m := c.build(t)
	size := func(opts ...deploy.FreezeOption) int { return len(read(t, frozen(t, m, opts...))) }
	none, one, both := size(deploy.Batches()), size(deploy.Batches(1)), size(deploy.Batches(1, 8))
	if !(none < one && one <= both) || size(deploy.Batches(1, 8, 7, 6)) > both+one {
		t.Errorf("files have %d bytes without batches, %d for 1 and %d for 1 and 8", none, one, both)
	}
	p := open(t, frozen(t, m, deploy.Batches()), c.net)
	if x := c.input(8); !slices.Equal(predict(t, p, x).Float32s(), predict(t, m, x).Float32s()) {
		t.Error("a file of weights alone predicts other bits than the model")
	}
}

func FuzzOpen(f *testing.F) {
	data := read(f, frozen(f, small.build(f)))
	f.Add(data)
	f.Add(sealed(replaced(data, `"version":"1"`, `"version":"3"`)))
	f.Add(sealed(replaced(data, `\"shape\":[2,4]`, `\"shape\":[2,9]`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4 {
			data = sealed(slices.Clone(data))
		}
		path := overwritten(t, data)
		for _, open := range []func() (*deploy.Predictor, error){
			func() (*deploy.Predictor, error) { return deploy.Open(path) },
			func() (*deploy.Predictor, error) { return deploy.OpenFunc(path, small.net) },
		} {
			p, err := open()
			if err != nil {
				continue
			}
			// What was opened predicts, or says why not.
			_, _ = p.Predict(small.input(3))
			p.Close()
		}
	})
}
