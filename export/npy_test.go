package export

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// npy returns a file of version 1.0 with that header and data.
func npy(header, data string) string {
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + data
}

// npyGolden is what numpy.save writes, by the description of the format: the
// header is filled with spaces up to 128 bytes, the next multiple of 64.
var npyGolden = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"+strings.Repeat(" ", 58)+"\n",
	"\x00\x00\xc0\x3f\x00\x00\x00\xc0")

func TestNPYGolden(t *testing.T) {
	var b bytes.Buffer
	if err := EncodeNPY(&b, dense([]float32{1.5, -2}, 1, 2)); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != npyGolden {
		t.Errorf("wrote\n%q, want\n%q", got, npyGolden)
	}
}

func TestNPYRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	for _, s := range everyType(t) {
		if err := WriteNPY(path, s.Value); err != nil {
			t.Fatal(err)
		}
		got, err := ReadNPY(path)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		wantRead(t, []Tensor{{s.Name, got}}, []Tensor{s})
	}
}

func TestNPYForms(t *testing.T) {
	const header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }"
	two := dense([]int16{1, 2}, 2)
	for _, c := range []struct {
		name, file string
		want       *tensor.Dense
	}{
		{"version 2.0", "\x93NUMPY\x02\x00" + string([]byte{byte(len(header)), 0, 0, 0}) + header + "\x01\x00\x02\x00", two},
		{"version 3.0", "\x93NUMPY\x03\x00" + string([]byte{byte(len(header)), 0, 0, 0}) + header + "\x01\x00\x02\x00", two},
		{"big endian", npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "\x00\x01\x00\x02"), two},
		{"big-endian half", npy("{'descr': '>f2', 'fortran_order': False, 'shape': (1,), }", "\x3c\x00"), dense([]float32{1}, 1)},
		{"Fortran order", npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\x01\x04\x02\x05\x03\x06"), dense([]uint8{1, 2, 3, 4, 5, 6}, 2, 3)},
		{"Fortran order of three axes", npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2), }", "\x01\x05\x03\x07\x02\x06\x04\x08"), dense([]uint8{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)},
		{"Fortran order of a half", npy("{'descr': '<f2', 'fortran_order': True, 'shape': (2, 2), }", "\x00\x3c\x00\x42\x00\x40\x00\x44"), dense([]float32{1, 2, 3, 4}, 2, 2)},
		{"Fortran order of a scalar", npy("{'descr': '|b1', 'fortran_order': True, 'shape': (), }", "\x01"), dense([]bool{true})},
		{"little-endian byte", npy("{'descr': '<i1', 'fortran_order': False, 'shape': (1,), }", "\xff"), dense([]int8{-1}, 1)},
		{"another layout", npy("  {\n\"shape\":(2,1,),'fortran_order':False ,'descr':'|u1'}\t", "\x01\x02"), dense([]uint8{1, 2}, 2, 1)},
	} {
		got, err := DecodeNPY(strings.NewReader(c.file), int64(len(c.file)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		wantDense(t, c.name, got, c.want)
	}
}

func TestNPYDamaged(t *testing.T) {
	shape := func(s string) string {
		return npy("{'descr': '|u1', 'fortran_order': False, 'shape': "+s+", }", "\x00")
	}
	descr := func(s string) string {
		return npy("{'descr': "+s+", 'fortran_order': False, 'shape': (1,), }", "\x00")
	}
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", []string{"first 8 bytes"}},
		{"a zip", "PK\x03\x04    ", []string{`starts with "PK`, `NUMPY`}},
		{"version 4.0", "\x93NUMPY\x04\x00", []string{"version 4.0", "3.0"}},
		{"version 1.1", "\x93NUMPY\x01\x01", []string{"version 1.1"}},
		{"cut in the length", "\x93NUMPY\x02\x00\x00", []string{"length"}},
		{"header longer than the file", "\x93NUMPY\x01\x00\xff\xff{", []string{"ends after 1 bytes", "65535"}},
		{"header of 4 GiB", "\x93NUMPY\x02\x00\xff\xff\xff\xff{", []string{"4294967295 bytes", "at most"}},
		{"empty header", npy("", ""), []string{`""`, "want {"}},
		{"cut dictionary", npy("{'descr': '|u1'", ""), []string{`""`, "want ,"}},
		{"no closing quote", npy("{'descr", ""), []string{"closing quote"}},
		{"two opening quotes", npy(`{'"descr"`, ""), []string{"closing quote"}},
		{"no quotes", npy("{descr", ""), []string{"descr", "want a string"}},
		{"no colon", npy("{'descr' '|u1'", ""), []string{"want :"}},
		{"key twice", npy("{'descr': '|u1', 'descr': '|u1', }", ""), []string{`"descr"`, "twice"}},
		{"unknown key", npy("{'order': 'C', }", ""), []string{`"order"`, "unknown"}},
		{"no keys", npy("{}", ""), []string{"0 keys"}},
		{"more after the dictionary", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), } + 1", "\x00"), []string{"+ 1", "the end"}},
		{"order is no truth value", npy("{'fortran_order': 0", ""), []string{`"fortran_order"`, "True or False"}},
		{"pickled objects", descr("'|O'"), []string{`"descr"`, `"|O"`, "f8"}},
		{"text", descr("'<U3'"), []string{`"<U3"`}},
		{"complex", descr("'<c8'"), []string{`"<c8"`}},
		{"bfloat16", descr("'<'"), []string{`"<"`}},
		{"no byte order", descr("'|f4'"), []string{`"|f4"`}},
		{"empty type", descr("''"), []string{`""`}},
		{"record", descr("[('a', '<f4')]"), []string{`"descr"`, "not a plain type"}},
		{"shape is a number", shape("(1)"), []string{`"shape"`, "(1,)"}},
		{"shape is a list", shape("[1]"), []string{`"shape"`, "want ("}},
		{"no comma", shape("(1 1)"), []string{`"shape"`, "want ,"}},
		{"comma alone", shape("(,)"), []string{`"shape"`, "a size"}},
		{"negative size", shape("(-1,)"), []string{`"shape"`, "-1"}},
		{"fractional size", shape("(1.0,)"), []string{`"shape"`, ".0"}},
		{"size of 2^63", shape("(9223372036854775808,)"), []string{`"shape"`, "9223372036854"}},
		{"size of 2^60", shape("(1152921504606846976,)"), []string{"115292150460684"}},
		{"product of 2^64+1", shape("(274177, 67280421310721)"), []string{"67280421310721"}},
		{"65 axes", shape("(" + strings.Repeat("1,", 65) + ")"), []string{`"shape"`, "more than 64"}},
		{"no elements", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0,), }", ""), []string{"[0]", "no elements"}},
		{"too few bytes", shape("(2,)"), []string{"1 bytes", "u1 of shape [2]"}},
		{"too many bytes", shape("()") + "\x00", []string{"2 bytes", "u1 of shape []"}},
	} {
		_, err := DecodeNPY(strings.NewReader(c.file), int64(len(c.file)))
		wantError(t, c.name, err, c.want...)
	}
}
