package export

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"gorgonia.org/tensor"
)

func mappable(t testing.TB) []byte {
	var b bytes.Buffer
	err := EncodeMappable(&b, []Tensor{
		{"wide", newDense(slices.Repeat([]float32{1.5}, 32), []int{2, 16})},
		{"count", newDense([]int64{-3}, nil)},
		{"narrow", newDense([]float32{1, 2, 3}, []int{3})},
		{"bytes", newDense([]uint8("graph"), []int{5})},
	}, map[string]string{"format": "test"})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// aligned returns a copy of data whose first byte is offset bytes behind a cache line.
func aligned(data []byte, offset int) []byte {
	room := make([]byte, len(data)+2*mappedAlign)
	skip := (mappedAlign - int(uintptr(unsafe.Pointer(&room[0]))%mappedAlign)) % mappedAlign
	return append(room[skip+offset:skip+offset], data...)
}

func TestViewSafetensors(t *testing.T) {
	data := aligned(mappable(t), 0)
	ts, meta, err := ViewSafetensors(data)
	if err != nil {
		t.Fatal(err)
	}
	read, _, err := DecodeSafetensors(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(ts) != 4 || meta["format"] != "test" {
		t.Fatalf("got %d tensors and %v, want 4 and the format", len(ts), meta)
	}
	for i, want := range read {
		if got := ts[i]; got.Name != want.Name || !slices.Equal(got.Value.Shape(), want.Value.Shape()) || !got.Value.Eq(want.Value) {
			t.Errorf("got %v %v, want %v %v", got.Name, got.Value, want.Name, want.Value)
		}
	}
	first := &ts[0].Value.Float32s()[0]
	if at := uintptr(unsafe.Pointer(first)); at%mappedAlign != 0 || at < uintptr(unsafe.Pointer(&data[0])) || at > uintptr(unsafe.Pointer(&data[len(data)-1])) {
		t.Errorf("the first tensor lies at %x, want a multiple of 64 inside of the file", at)
	}
}

func TestViewSafetensorsRefuses(t *testing.T) {
	whole := mappable(t)
	var bools bytes.Buffer
	if err := EncodeMappable(&bools, []Tensor{{"mask", newDense([]bool{true}, []int{1})}}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"nothing", "0 bytes", nil},
		{"cut off", "want begin ≤ end ≤", aligned(whole[:len(whole)-1], 0)},
		{"one byte more", "cover", aligned(append(slices.Clone(whole), 0), 0)},
		{"misaligned", "want a multiple of 4", aligned(whole, 2)},
		{"booleans", `"mask" is of BOOL`, aligned(bools.Bytes(), 0)},
	} {
		if _, _, err := ViewSafetensors(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
		}
	}
	if err := EncodeMappable(nil, nil, nil); err == nil {
		t.Error("no writer: no error")
	}
	twice := Tensor{"x", tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32))}
	if err := EncodeMappable(&bools, []Tensor{twice, twice}, nil); err == nil {
		t.Error("a name twice: no error")
	}
}

// What can be viewed is what can be read.
func FuzzViewSafetensors(f *testing.F) {
	f.Add(mappable(f))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = aligned(data, 0)
		ts, _, err := ViewSafetensors(data)
		if err != nil {
			return
		}
		read, _, err := DecodeSafetensors(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(read) != len(ts) {
			t.Fatalf("viewed %d tensors, read %d, %v", len(ts), len(read), err)
		}
		for i, want := range read {
			if ts[i].Name != want.Name || !slices.Equal(ts[i].Value.Shape(), want.Value.Shape()) {
				t.Errorf("viewed %v, read %v", ts[i], want)
			}
		}
	})
}
