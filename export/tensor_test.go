package export

import (
	"bytes"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// dense returns an array of the given shape over a slice.
func dense(backing any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}

// everyType returns an array of each type that can be written, with its
// extreme values, and arrays whose memory is not in the order of their shape.
func everyType(t *testing.T) []Tensor {
	t.Helper()
	transposed := dense([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	columns, err := dense([]int32{1, 2, 3, 4, 5, 6}, 2, 3).Slice(nil, tensor.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	return []Tensor{
		{"bool", dense([]bool{true, false, true}, 3)},
		{"i8", dense([]int8{math.MinInt8, math.MaxInt8}, 2)},
		{"i16", dense([]int16{math.MinInt16, math.MaxInt16}, 2, 1)},
		{"i32", dense([]int32{math.MinInt32, math.MaxInt32}, 1, 2)},
		{"i64", dense([]int64{math.MinInt64, math.MaxInt64}, 1, 2, 1)},
		{"u8", dense([]uint8{0, math.MaxUint8}, 2)},
		{"u16", dense([]uint16{0, math.MaxUint16}, 2)},
		{"u32", dense([]uint32{0, math.MaxUint32}, 2)},
		{"u64", dense([]uint64{0, math.MaxUint64}, 2)},
		{"f32", dense([]float32{-math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Inf(1))}, 3)},
		{"f64", dense([]float64{-math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(-1)}, 3)},
		{"int", dense([]int{-1, 1}, 2)},
		{"uint", dense([]uint{0, 1}, 2)},
		{"scalar", dense([]float32{0.5})},
		{"fortran", tensor.New(tensor.WithShape(2, 3), tensor.AsFortran([]float64{1, 2, 3, 4, 5, 6}))},
		{"transposed", transposed},
		{"columns", columns.(*tensor.Dense)},
		{"block1.bn/…\"\\\n<&>", dense([]float32{1}, 1)},
	}
}

// everyTypeRead is what must come back for those of [everyType] that are
// written as something else than they are in memory.
var everyTypeRead = map[string]*tensor.Dense{
	"int":        dense([]int64{-1, 1}, 2),
	"uint":       dense([]uint64{0, 1}, 2),
	"fortran":    dense([]float64{1, 2, 3, 4, 5, 6}, 2, 3),
	"transposed": dense([]float32{1, 4, 2, 5, 3, 6}, 3, 2),
	"columns":    dense([]int32{2, 3, 5, 6}, 2, 2),
}

// wantRead fails if got is not what files must give back for sent, in any
// order.
func wantRead(t *testing.T, got, sent []Tensor) {
	t.Helper()
	byName := map[string]*tensor.Dense{}
	for _, g := range got {
		byName[g.Name] = g.Value
	}
	for _, s := range sent {
		want := s.Value
		if w := everyTypeRead[s.Name]; w != nil {
			want = w
		}
		wantDense(t, s.Name, byName[s.Name], want)
	}
	if len(got) != len(sent) {
		t.Errorf("got %d tensors, want %d", len(got), len(sent))
	}
}

func wantDense(t *testing.T, name string, got, want *tensor.Dense) {
	t.Helper()
	switch {
	case got == nil:
		t.Errorf("%q: got none, want %v", name, want.Data())
	case !reflect.DeepEqual(append([]int{}, got.Shape()...), append([]int{}, want.Shape()...)):
		t.Errorf("%q: got shape %v, want %v", name, got.Shape(), want.Shape())
	case !reflect.DeepEqual(got.Data(), want.Data()):
		t.Errorf("%q: got %T %v, want %T %v", name, got.Data(), got.Data(), want.Data(), want.Data())
	}
}

// wantError fails unless err says all of parts.
func wantError(t *testing.T, name string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: got no error, want one with %q", name, parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got error %q, want it to say %q", name, err, part)
		}
	}
}

func TestUnwritable(t *testing.T) {
	one := dense([]float32{1}, 1)
	masked := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}, []bool{true, false}))
	for _, c := range []struct {
		name string
		ts   []Tensor
		want []string
	}{
		{"nil", []Tensor{{"a", nil}}, []string{`"a"`, "nil"}},
		{"complex", []Tensor{{"a", one}, {"b", dense([]complex64{1}, 1)}}, []string{`"b"`, "complex64"}},
		{"masked", []Tensor{{"a", masked}}, []string{`"a"`, "masked"}},
		{"twice", []Tensor{{"a", one}, {"a", one}}, []string{`"a"`, "twice"}},
		{"not UTF-8", []Tensor{{"\xff", one}}, []string{`"\xff"`, "UTF-8"}},
		{"NUL", []Tensor{{"a\x00", one}}, []string{"NUL"}},
	} {
		wantError(t, c.name+" as safetensors", EncodeSafetensors(&strings.Builder{}, c.ts, nil), c.want...)
		wantError(t, c.name+" as NPZ", EncodeNPZ(&strings.Builder{}, c.ts), c.want...)
	}
	wantError(t, "NPY of nil", EncodeNPY(&strings.Builder{}, nil), "nil")
	wantError(t, "a tensor called __metadata__",
		EncodeSafetensors(&strings.Builder{}, []Tensor{{"__metadata__", one}}, nil), "__metadata__")
	wantError(t, "metadata that is not UTF-8",
		EncodeSafetensors(&strings.Builder{}, nil, map[string]string{"k": "\xff"}), `"k"`, "UTF-8")
}

// A fullDisk takes so many bytes and no more.
type fullDisk int

var errFull = errors.New("disk is full")

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), int(*d))
	*d -= fullDisk(n)
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestFullDisk(t *testing.T) {
	ts := append(everyType(t), Tensor{"long", dense(make([]float64, chunk), chunk)})
	for name, encode := range map[string]func(io.Writer) error{
		"safetensors": func(w io.Writer) error { return EncodeSafetensors(w, ts, nil) },
		"NPZ":         func(w io.Writer) error { return EncodeNPZ(w, ts) },
		"NPY":         func(w io.Writer) error { return EncodeNPY(w, ts[len(ts)-1].Value) },
	} {
		var whole bytes.Buffer
		if err := encode(&whole); err != nil {
			t.Fatal(err)
		}
		for room := 0; room < whole.Len(); room += 997 {
			d := fullDisk(room)
			if err := encode(&d); !errors.Is(err, errFull) {
				t.Errorf("%s: got error %v with room for %d of %d bytes, want %v", name, err, room, whole.Len(), errFull)
			}
		}
	}
}
