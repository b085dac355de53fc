package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/onnx"
)

// A config is an error with a place, or is read the same once it is written.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		starter, small,
		"model: LeNet5\ndata: Digits\n",
		"model: {name: MLP, dropout: 1.2}\ndata: {name: MNIST, path: x}\n",
		"model: LeNet5\nmodel: MLP\n",
		"a: &a [*a, *a]\nb: &b [*a, *a]\n",
		"model: [[[[[[[[[[[[[[[[[[[[",
		"model: MLP\ndata: Digits\ncompare: {variants: [{name: a, model: {dropout: 0}}, {name: b, train: {optimiser: SGD}}]}\n",
		"model: MLP\ndata: {name: CSV, path: a.csv, comma: ';', classes: ['a: b', \"\\u2028\", 'null', '~', '- x']}\n",
		"model: |\n  MLP\ndata: >\n  Digits\n",
		"%TAG ! x\n---\n? a\n: b\n",
		"\ufeffmodel: MLP\r\ndata: Digits\r\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseSettings(b)
		if err != nil {
			var at *config.Error
			if !errors.As(err, &at) || at.At.File == "" || at.At.Line == 0 || at.Message == "" {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		again, err := parseSettings([]byte(s.tree.Text()))
		if err != nil {
			t.Fatalf("%v, of\n%s", err, s.tree.Text())
		}
		if got, want := again.tree.Text(), s.tree.Text(); got != want {
			t.Errorf("written again it is\n%s\nwant\n%s", got, want)
		}
	})
}

func parseSettings(b []byte) (*settings, error) {
	tree, err := config.Parse("f.yaml", b)
	if err != nil {
		return nil, err
	}
	return newSettings("f.yaml", tree, nil)
}

// A file that inspect looks at is an error, or what is printed of it is sound.
func FuzzInspect(f *testing.F) {
	for _, b := range inspectable(f) {
		f.Add(b)
	}
	f.Add([]byte("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }" + strings.Repeat(" ", 61) + "\n\x00\x00\x80\x3f"))
	f.Add([]byte("\x3e\x00\x00\x00\x00\x00\x00\x00{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"__m\":1}\x00\x00\x80\x3f"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\x08\x08B\x02\x10\x11:\x0c*\x0a\x08\x02\x10\x01B\x01aJ\x01\x00"))
	f.Add([]byte("\x08\x08B\x02\x10\x11:\x12*\x10\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x10\x01B\x01a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decode(bytes.NewReader(b), int64(len(b)), true)
		if err != nil {
			return
		}
		for _, x := range c.Tensors {
			if x.Elements < 0 || x.Bytes < 0 {
				t.Errorf("tensor %+v", x)
			}
		}
		var out bytes.Buffer
		if err := errors.WithStack(c.print(&out)); err != nil || printJSON(&out, c) != nil {
			t.Errorf("printing: %v", err)
		}
		if strings.ContainsAny(out.String(), "\x1b\x00") {
			t.Errorf("control characters are printed: %q", out.String())
		}
	})
}

// inspectable are small files of all formats.
func inspectable(f *testing.F) (files [][]byte) {
	f.Helper()
	tree, err := config.Parse("f", []byte("data: Digits\nmodel: {name: MLP, hidden: [2], dropout: 0.1}"))
	if err != nil {
		f.Fatal(err)
	}
	s, err := newSettings("f", tree, nil)
	if err != nil {
		f.Fatal(err)
	}
	m, err := s.build(graph.Shape{3}, 2, 2)
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	for _, write := range []func(path string) error{
		func(path string) error { return onnx.Export(m, path) },
		func(path string) error { return onnx.Export(m, path, onnx.Training()) },
		func(path string) error { return export.SaveSafetensors(m, path) },
		func(path string) error { return export.SaveNPZ(m, path) },
		func(path string) error { return deploy.Freeze(m, path) },
	} {
		path := filepath.Join(dir, "file")
		if err := write(path); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		files = append(files, b)
	}
	saved, err := filepath.Glob("../../export/testdata/pytorch/*.pt")
	if err != nil || len(saved) == 0 {
		f.Fatal("there are no files of torch.save")
	}
	for _, path := range saved[:min(3, len(saved))] {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		files = append(files, b)
	}
	return files
}
