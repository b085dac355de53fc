package export

import (
	"bytes"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// Each fuzz target reads any bytes. What it can read it must write, read again
// and write to the same bytes: so it compares NaNs, too.

func FuzzSafetensors(f *testing.F) {
	f.Add([]byte(golden))
	f.Fuzz(func(t *testing.T, data []byte) {
		ts, meta, err := DecodeSafetensors(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := EncodeSafetensors(&first, ts, meta); err != nil {
			t.Fatalf("writing what was read: %v", err)
		}
		again, meta, err := DecodeSafetensors(bytes.NewReader(first.Bytes()), int64(first.Len()))
		if err != nil {
			t.Fatalf("reading what was written: %v", err)
		}
		if err := EncodeSafetensors(&second, again, meta); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("wrote\n%q, then\n%q", &first, &second)
		}
		wantSameNames(t, again, ts)
	})
}

func FuzzNPY(f *testing.F) {
	f.Add([]byte(npyGolden))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := DecodeNPY(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		encode := func(d *tensor.Dense) []byte {
			var b bytes.Buffer
			if err := EncodeNPY(&b, d); err != nil {
				t.Fatalf("writing what was read: %v", err)
			}
			return b.Bytes()
		}
		first := encode(d)
		again, err := DecodeNPY(bytes.NewReader(first), int64(len(first)))
		if err != nil {
			t.Fatalf("reading what was written: %v", err)
		}
		if second := encode(again); !bytes.Equal(first, second) {
			t.Errorf("wrote\n%q, then\n%q", first, second)
		}
	})
}

func FuzzNPZ(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		ts, err := DecodeNPZ(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := EncodeNPZ(&first, ts); err != nil {
			t.Fatalf("writing what was read: %v", err)
		}
		again, err := DecodeNPZ(bytes.NewReader(first.Bytes()), int64(first.Len()))
		if err != nil {
			t.Fatalf("reading what was written: %v", err)
		}
		if err := EncodeNPZ(&second, again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("wrote\n%q, then\n%q", &first, &second)
		}
		wantSameNames(t, again, ts)
	})
}

// What is read of PyTorch's has no writer here: it is written as safetensors.
func FuzzPyTorch(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		ts, err := DecodePyTorch(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := EncodeSafetensors(&out, ts, nil); err != nil {
			t.Fatalf("writing what was read: %v", err)
		}
		again, _, err := DecodeSafetensors(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatalf("reading what was written: %v", err)
		}
		wantSameNames(t, again, ts)
	})
}

// FuzzPickle reads descriptions alone, which the checksums of archives hide from
// a fuzzer.
func FuzzPickle(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, err := unpickle(data); err == nil {
			_ = describe(v)
		}
	})
}

// wantSameNames compares the names of two readings, and their shapes, in any
// order.
func wantSameNames(t *testing.T, got, want []Tensor) {
	t.Helper()
	shapes := func(ts []Tensor) map[string][]int {
		m := map[string][]int{}
		for _, x := range ts {
			m[x.Name] = x.Value.Shape()
		}
		return m
	}
	g, w := shapes(got), shapes(want)
	for name, shape := range w {
		if s, ok := g[name]; !ok || !slices.Equal(s, shape) {
			t.Errorf("tensor %q: got shape %v (%t), want %v", name, s, ok, shape)
		}
	}
	if len(g) != len(w) {
		t.Errorf("got %d tensors, want %d", len(g), len(w))
	}
}
