package export

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func TestCommonPrefix(t *testing.T) {
	for _, c := range []struct {
		a, b []string
		want string
	}{
		{nil, nil, ""},
		{[]string{"w"}, nil, ""},
		{[]string{"w", "b"}, []string{"model.b", "model.w"}, "model."},
		{[]string{"a.w", "b"}, []string{"step", "m.b", "m.a.w", "n.b"}, "m."},
		{[]string{"w", "b"}, []string{"model.b", "module.w"}, ""},
		{[]string{"w"}, []string{"model.b"}, ""},
		{[]string{"w"}, []string{"m.n.w", "n.w"}, "n."},
		{[]string{"w", "b"}, []string{"m.w"}, ""},
		{[]string{"a.w", "a.b"}, []string{"c.w", "c.b"}, ""},
	} {
		if got := commonPrefix(c.a, c.b); got != c.want {
			t.Errorf("commonPrefix(%q, %q) = %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

func TestMatchHintsAtAPrefix(t *testing.T) {
	list := func(prefix string) (ts []Tensor) {
		for i := range 12 {
			ts = append(ts, Tensor{fmt.Sprintf("%sfc%d", prefix, i), dense([]float32{0}, 1)})
		}
		return ts
	}
	const hint = `the file has them under a prefix: see export.Under("model.")`
	err := Match(list(""), list("model."), nil)
	want := []string{
		"nothing loaded:",
		"missing from the file: fc0, fc1, fc2, fc3, fc4, fc5, fc6, fc7, fc8, fc9, and 2 more",
		"unexpected in the file: model.fc0, model.fc1, model.fc2, model.fc3, model.fc4, model.fc5, model.fc6, model.fc7, model.fc8, model.fc9, and 2 more",
		hint,
	}
	if err == nil || !slices.Equal(strings.Split(err.Error(), "\n\t"), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	wantError(t, "prefix in the model", Match(list("model."), list("")), `the model has them under the prefix "model.": see export.Rename`)
	wantError(t, "partial", Match(list(""), list("model."), Partial()), "missing from the file: fc0", hint)

	// With Partial only names that matter get a hint.
	dst := append(list(""), Tensor{"w", dense([]float32{0}, 1)})
	src := append(list("model."), Tensor{"w", dense([]float32{0, 0}, 2)})
	if err := Match(dst, src, Partial()); err == nil || strings.Contains(err.Error(), "prefix") {
		t.Errorf("partial, one in common: got %v, want an error of w without a hint", err)
	}
}

func TestNilArguments(t *testing.T) {
	last := func(_ any, err error) error { return err }
	path := filepath.Join(t.TempDir(), "weights")
	x := dense([]float32{0}, 1)
	_, _, decoded := DecodeSafetensors(nil, 8)
	_, _, read := ReadSafetensors("")
	for want, errs := range map[string][]error{
		"the model is nil":  {SaveSafetensors(nil, path), LoadSafetensors(nil, path), LoadPyTorch(nil, path), SaveNPZ(nil, path), LoadNPZ(nil, path)},
		"the reader is nil": {last(DecodeNPY(nil, 8)), last(DecodeNPZ(nil, 8)), last(DecodePyTorch(nil, 8)), decoded},
		"the writer is nil": {EncodeNPY(nil, x), EncodeNPZ(nil, nil), EncodeSafetensors(nil, nil, nil)},
		"the path is empty, want that of a file to read":  {last(ReadNPY("")), last(ReadNPZ("")), last(ReadPyTorch("")), read},
		"the path is empty, want that of a file to write": {WriteNPY("", x), WriteNPZ("", nil), WriteSafetensors("", nil, nil)},
	} {
		for i, err := range errs {
			if err == nil || err.Error() != want {
				t.Errorf("call %d: got error %v, want %q", i, err, want)
			}
		}
	}
}

// The path is in an error once.
func TestErrorsNameTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "weights")
	for _, err := range []error{
		writeFile(path, func(io.Writer) error { return nil }),
		readFile(path, func(io.ReaderAt, int64) error { return errors.New("read") }),
	} {
		if err == nil || strings.Count(err.Error(), path) != 1 {
			t.Errorf("got %v, want %s in it once", err, path)
		}
	}
}
