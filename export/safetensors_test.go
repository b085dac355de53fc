package export

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// golden is a file written by hand from the description of the format. The
// header has 140 bytes of JSON and 4 of padding, 144 in all; n is wider than b
// and so comes first; 1.5 is 0x3fc00000 and -2 is 0xc0000000.
const golden = "\x90\x00\x00\x00\x00\x00\x00\x00" +
	`{"__metadata__":{"format":"pt"},` +
	`"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
	`"b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}` + "    " +
	"\x07\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\xc0\x3f\x00\x00\x00\xc0"

func goldenTensors() []Tensor {
	return []Tensor{{"b", dense([]float32{1.5, -2}, 1, 2)}, {"n", dense([]int64{7})}}
}

func TestSafetensorsGolden(t *testing.T) {
	var b bytes.Buffer
	if err := EncodeSafetensors(&b, goldenTensors(), map[string]string{"format": "pt"}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != golden {
		t.Errorf("wrote\n%q, want\n%q", got, golden)
	}
	ts, meta, err := DecodeSafetensors(strings.NewReader(golden), int64(len(golden)))
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, ts, goldenTensors())
	if ts[0].Name != "n" {
		t.Errorf("first tensor is %q, want n, whose data comes first", ts[0].Name)
	}
	if want := map[string]string{"format": "pt"}; !reflect.DeepEqual(meta, want) {
		t.Errorf("metadata is %v, want %v", meta, want)
	}
}

func TestSafetensorsRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	meta := map[string]string{"b": "<2>", "a": "é\"\\", "": ""}
	if err := WriteSafetensors(path, everyType(t), meta); err != nil {
		t.Fatal(err)
	}
	got, gotMeta, err := ReadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, got, everyType(t))
	if !reflect.DeepEqual(gotMeta, meta) {
		t.Errorf("metadata is %q, want %q", gotMeta, meta)
	}
}

// TestSafetensorsLong reads and writes more than one chunk, the last one
// short.
func TestSafetensorsLong(t *testing.T) {
	long := make([]float32, 2*chunk+1)
	for i := range long {
		long[i] = float32(i)
	}
	sent := []Tensor{{"long", dense(long, len(long))}}
	var b bytes.Buffer
	if err := EncodeSafetensors(&b, sent, nil); err != nil {
		t.Fatal(err)
	}
	got, meta, err := DecodeSafetensors(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, got, sent)
	if meta != nil {
		t.Errorf("metadata is %v, want nil", meta)
	}
}

// file returns a safetensors file of that header and data.
func file(header string, data int) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + strings.Repeat("\x00", data)
}

// TestSafetensorsLenient reads what is unusual and right.
func TestSafetensorsLenient(t *testing.T) {
	for name, f := range map[string]string{
		"no tensors":            file(`{}`, 0),
		"white space":           file("{ \n\t\r} \n", 0),
		"order of the header":   file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"a":{"data_offsets":[0,1],"shape":[1],"dtype":"U8"}}`, 2),
		"escapes and a twin":    file(`{"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2),
		"surrogate pair":        file(`{"\ud83d\ude00":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1),
		"64 axes":               file(`{"a":{"dtype":"U8","shape":[1`+strings.Repeat(",1", 63)+`],"data_offsets":[0,1]}}`, 1),
		"unaligned wide number": file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F64","shape":[],"data_offsets":[1,9]}}`, 9),
	} {
		if _, _, err := DecodeSafetensors(strings.NewReader(f), int64(len(f))); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
	}
}

func TestSafetensorsDamaged(t *testing.T) {
	u8 := func(shape, offsets string) string {
		return `{"dtype":"U8","shape":` + shape + `,"data_offsets":` + offsets + `}`
	}
	one := func(shape, offsets string) string { return `{"a":` + u8(shape, offsets) + `}` }
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", []string{"is not a safetensors file", "0 bytes", "8"}},
		{"short", "\x01\x00", []string{"2 bytes", "8"}},
		{"no header", file("", 0), []string{"starts with", "want {", "is not a safetensors file"}},
		{"a table", "a,b,c,d,e\n1,2,3,4,5\n", []string{`is not a safetensors file, or was cut off: it begins with "a,b,c,d,"`}},
		{"header longer than the file", "\x10" + file("{}", 0)[1:], []string{"16 bytes", "at most 2"}},
		{"header over the limit", string(binary.LittleEndian.AppendUint64(nil, maxHeader+1)) + "{}", []string{"100000001 bytes"}},
		{"header of 2^63 bytes", "\x00\x00\x00\x00\x00\x00\x00\x80{}", []string{"9223372036854775808 bytes"}},
		{"cut in the data", golden[:len(golden)-1], []string{`"b"`, "[8, 16]", "15"}},
		{"bytes after the data", golden + "\x00", []string{"cover 16", "17"}},
		{"space before the header", file(" {}", 0), []string{`" "`, "want {"}},
		{"not an object", file("[]", 0), []string{`"["`, "want {"}},
		{"cut in the JSON", file(`{"a":`, 0), []string{"ends early"}},
		{"not JSON", file(`{"a":x}`, 0), []string{"not JSON"}},
		{"no comma", file(`{"a":`+u8("[1]", "[0,1]")+` "b":`+u8("[1]", "[1,2]")+`}`, 2), []string{"not JSON"}},
		{"two objects", file(`{}{}`, 0), []string{"after the closing }"}},
		{"NUL as padding", file("{}\x00", 0), []string{"after the closing }"}},
		{"not UTF-8", file("{\"\xff\":"+u8("[1]", "[0,1]")+"}", 1), []string{"UTF-8"}},
		{"half a surrogate pair", file(`{"\ud800":`+u8("[1]", "[0,1]")+`}`, 1), []string{"surrogate"}},
		{"name twice", file(`{"a":`+u8("[1]", "[0,1]")+`,"a":`+u8("[1]", "[0,1]")+`}`, 1), []string{`"a"`, "twice"}},
		{"name twice, once escaped", file(`{"a":`+u8("[1]", "[0,1]")+`,"\u0061":`+u8("[1]", "[0,1]")+`}`, 1), []string{`"a"`, "twice"}},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), []string{"__metadata__", "twice"}},
		{"metadata key twice", file(`{"__metadata__":{"k":"1","k":"2"}}`, 0), []string{`"k"`, "twice"}},
		{"metadata not of strings", file(`{"__metadata__":{"k":1}}`, 0), []string{`"k"`, "is 1, want a string"}},
		{"dtype twice", file(`{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 1), []string{`"dtype"`, "twice"}},
		{"no dtype", file(`{"a":{"shape":[1],"data_offsets":[0,1]}}`, 1), []string{`"a"`, "2 members", "dtype"}},
		{"unknown member", file(`{"a":{"dtype":"U8","shape":[1],"offsets":[0,1]}}`, 1), []string{`"offsets"`, "data_offsets"}},
		{"unknown dtype", file(`{"a":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[0,1]}}`, 1), []string{`"a"`, `"F8_E5M2"`, "F32"}},
		{"nested junk", file(`{"a":`+strings.Repeat("[", 10000), 0), []string{`"a"`, "is [, want {"}},
		{"nested shape", file(one("[[[[1]]]]", "[0,1]"), 1), []string{`"shape"`, "contains [", "whole number"}},
		{"shape of strings", file(one(`["1"]`, "[0,1]"), 1), []string{`"shape"`, "whole number"}},
		{"negative size", file(one("[-1]", "[0,1]"), 1), []string{`"shape"`, "-1"}},
		{"fractional size", file(one("[1.0]", "[0,1]"), 1), []string{`"shape"`, "1.0"}},
		{"exponent", file(one("[1e0]", "[0,1]"), 1), []string{`"shape"`, "1e0"}},
		{"size of 2^64", file(one("[18446744073709551616]", "[0,1]"), 1), []string{`"shape"`, "18446744073709551616"}},
		{"size of 2^63", file(one("[9223372036854775808]", "[0,1]"), 1), []string{`"shape"`, "does not fit"}},
		{"size of 2^60", file(one("[1152921504606846976]", "[0,1]"), 1), []string{`"a"`, "1152921504606846976"}},
		{"product of 2^64", file(one("[4294967296,4294967296]", "[0,0]"), 0), []string{`"a"`, "4294967296"}},
		{"product of 2^64+1", file(one("[274177,67280421310721]", "[0,1]"), 1), []string{`"a"`, "67280421310721"}},
		{"65 axes", file(one("[1"+strings.Repeat(",1", 64)+"]", "[0,1]"), 1), []string{`"a"`, "more than 64"}},
		{"three offsets", file(one("[1]", "[0,1,2]"), 1), []string{`"data_offsets"`, "more than 2"}},
		{"one offset", file(one("[1]", "[0]"), 1), []string{`"data_offsets"`, "1 numbers", "want 2"}},
		{"end before begin", file(one("[1]", "[1,0]"), 1), []string{`"a"`, "[1, 0]", "begin ≤ end"}},
		{"end past the file", file(one("[2]", "[0,2]"), 1), []string{`"a"`, "[0, 2]", "≤ 1"}},
		{"end of 2^64-1", file(one("[1]", "[0,18446744073709551615]"), 1), []string{`"a"`, "≤ 1"}},
		{"fewer bytes than the shape", file(one("[2]", "[0,1]"), 1), []string{`"a"`, "1 bytes", "U8 of shape [2]"}},
		{"more bytes than the shape", file(one("[1]", "[0,2]"), 2), []string{`"a"`, "2 bytes", "U8 of shape [1]"}},
		{"overlap", file(`{"a":`+u8("[2]", "[0,2]")+`,"b":`+u8("[2]", "[1,3]")+`}`, 3), []string{`"b"`, "begins at 1", "want 2"}},
		{"same bytes", file(`{"a":`+u8("[2]", "[0,2]")+`,"b":`+u8("[2]", "[0,2]")+`}`, 2), []string{`"b"`, "begins at 0", "want 2"}},
		{"hole", file(`{"a":`+u8("[1]", "[0,1]")+`,"b":`+u8("[1]", "[2,3]")+`}`, 3), []string{`"b"`, "begins at 2", "want 1"}},
		{"hole at the start", file(one("[1]", "[1,2]"), 2), []string{`"a"`, "begins at 1", "want 0"}},
		{"no elements", file(one("[0,3]", "[0,0]"), 0), []string{`"a"`, "[0 3]", "no elements"}},
	} {
		_, _, err := DecodeSafetensors(strings.NewReader(c.file), int64(len(c.file)))
		wantError(t, c.name, err, c.want...)
	}
}

func TestReadNamesFile(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	for name, read := range map[string]func(string) error{
		"ReadSafetensors": func(path string) error { _, _, err := ReadSafetensors(path); return err },
		"ReadNPY":         func(path string) error { _, err := ReadNPY(path); return err },
		"ReadNPZ":         func(path string) error { _, err := ReadNPZ(path); return err },
	} {
		err := read(missing)
		wantError(t, name, err, missing)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got error %v, want an fs.ErrNotExist", name, err)
		}
		if err != nil && strings.Count(err.Error(), missing) > 1 {
			t.Errorf("%s: error %q names the file twice, want once", name, err)
		}
		wantError(t, name, read(dir), dir, "not a file")
	}
}
