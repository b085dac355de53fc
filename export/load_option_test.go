package export

import (
	"reflect"
	"strings"
	"testing"
)

// namedTensors are of one element each, their number from 1.
func namedTensors(names ...string) (ts []Tensor) {
	for i, name := range names {
		ts = append(ts, Tensor{name, dense([]float32{float32(i + 1)}, 1)})
	}
	return ts
}

func valuesOf(ts []Tensor) map[string]float32 {
	out := map[string]float32{}
	for _, t := range ts {
		out[t.Name] = t.Value.Float32s()[0]
	}
	return out
}

func TestNamesOfSources(t *testing.T) {
	upper := Rename(strings.ToUpper)
	table := func(pairs ...string) LoadOption {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return RenameTable(m)
	}
	for _, c := range []struct {
		name     string
		dst, src []string
		opts     []LoadOption
		want     map[string]float32 // or an error
		err      string
	}{
		{"under", []string{"a"}, []string{"epoch", "m.a"}, []LoadOption{Under("m.")}, map[string]float32{"a": 2}, ""},
		{"under one and another", []string{"a"}, []string{"m.a", "m.n.a"}, []LoadOption{Under("m."), Under("n.")}, map[string]float32{"a": 2}, ""},
		{"under nothing", []string{"a"}, []string{"a"}, []LoadOption{Under("m.")}, nil, "missing from the file: a"},
		{"under no name", []string{"a"}, []string{"m.a", "m.b", "step"}, []LoadOption{Under("module."), Under("n.")}, nil,
			`no name begins with "module.", which export.Under is given; those of the file begin with "m.", "step"`},
		{"under a name without its dot", []string{"a"}, []string{"m.a"}, []LoadOption{Under("m")}, nil, `see export.Under("m.")`},
		{"in the order given", []string{"A"}, []string{"m.a"}, []LoadOption{Under("m."), upper}, map[string]float32{"A": 1}, ""},
		{"in the other order", []string{"A"}, []string{"m.a"}, []LoadOption{upper, Under("m.")}, nil, "missing from the file: A"},
		{"table", []string{"fc.weight", "fc.bias", "other"}, []string{"head.weight", "head.bias", "other"},
			[]LoadOption{table("head", "fc")}, map[string]float32{"fc.weight": 1, "fc.bias": 2, "other": 3}, ""},
		{"the longest key", []string{"fc.weight", "b"}, []string{"head.weight", "head.bias"},
			[]LoadOption{table("head", "fc", "head.bias", "b")}, map[string]float32{"fc.weight": 1, "b": 2}, ""},
		{"no part of a word", []string{"header.weight"}, []string{"header.weight"},
			[]LoadOption{table("head", "fc")}, nil, "head is renamed by a table and not in the file"},
		{"passed over", []string{"a"}, []string{"a", "b.c"}, []LoadOption{table("b", "")}, map[string]float32{"a": 1}, ""},
		{"passed over by a function", []string{"a"}, []string{"a", "b"},
			[]LoadOption{Rename(func(s string) string { return strings.TrimPrefix(s, "b") })}, map[string]float32{"a": 1}, ""},
		{"onto one name", []string{"a"}, []string{"a", "b"}, []LoadOption{table("b", "a")}, nil, `is what "a" and "b" of the file are both called`},
		{"hint", []string{"w", "b"}, []string{"state.step", "model.w", "model.b"}, nil, nil,
			`the file has them under a prefix: see export.Under("model.")`},
	} {
		dst := namedTensors(c.dst...)
		for _, d := range dst {
			d.Value.Float32s()[0] = 0
		}
		err := Match(dst, namedTensors(c.src...), c.opts...)
		if c.want == nil {
			wantError(t, c.name, err, c.err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := valuesOf(dst); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestReport(t *testing.T) {
	var r Loaded
	dst, src := namedTensors("a", "b", "c"), namedTensors("m.c", "m.d", "m.a", "e")
	if err := Match(dst, src, Under("m."), Partial(), Report(&r)); err != nil {
		t.Fatal(err)
	}
	want := Loaded{Names: []string{"a", "c"}, Missing: []string{"b"}, Unexpected: []string{"d"}}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got %v, want %v", r, want)
	}
	if err := Match(dst, src, Report(&r)); err == nil || !reflect.DeepEqual(r, want) {
		t.Errorf("after an error (%v) got %v, want %v as before", err, r, want)
	}
}

// Maps of 2 by 3 pixels with 2 channels: element (h, w, c) is 100h + 10w + c.
func TestFlattened(t *testing.T) {
	last := []float32{0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121}
	first := []float32{0, 10, 20, 100, 110, 120, 1, 11, 21, 101, 111, 121}
	twice := func(x []float32) []float32 { return append(append([]float32{}, x...), x...) }
	w := dense(make([]float32, 24), 2, 12)
	src := []Tensor{{"w", dense(twice(last), 2, 12)}}
	if err := Match([]Tensor{{"w", w}}, src, Flattened("w", 2, 3, 2)); err != nil {
		t.Fatal(err)
	}
	wantDense(t, "w", w, dense(twice(first), 2, 12))

	v := dense(make([]float32, 2), 2)
	for want, opt := range map[string]LoadOption{
		"has shape (2, 12), want (N, 24): a column for each element of Flattened's [2 3 4]": Flattened("w", 2, 3, 4),
		"want (N, 12)":                        Flattened("w", 12),
		"want (N, 0)":                         Flattened("w", 0, 12),
		"x is flattened and not in the model": Flattened("x", 2, 3, 2),
		"v in the file: has shape (2)":        Flattened("v", 1, 2),
	} {
		err := Match([]Tensor{{"w", w}, {"v", v}}, append(src, Tensor{"v", v}), opt)
		wantError(t, want, err, want)
	}
}
