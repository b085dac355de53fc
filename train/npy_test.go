package train

import (
	"path/filepath"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// npyOf is a file of version 1.0 as NumPy's format page describes it.
func npyOf(descr, shape string, data ...byte) []byte {
	header := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }"
	for (10+len(header)+1)%64 != 0 {
		header += " "
	}
	header += "\n"
	file := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(file, header...), data...)
}

func TestOpenNPY(t *testing.T) {
	floats := npyOf("<f4", "(2, 1)", 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0) // 1, -2
	bytes := npyOf("|u1", "(2, 2)", 1, 2, 3, 255)
	for _, c := range []struct {
		name string
		x, t []byte
		want func(t *testing.T, ds Dataset)
	}{
		{"int64 classes", floats, npyOf("<i8", "(2,)", 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), func(t *testing.T, ds Dataset) {
			wantBatch(t, ds, []int{0, 1}, tensor.Shape{2, 1}, []float32{1, -2}, []int{3, 1})
		}},
		{"uint8 classes and pixels", bytes, npyOf("|u1", "(2,)", 9, 200), func(t *testing.T, ds Dataset) {
			wantBatch(t, ds, []int{1}, tensor.Shape{1, 2}, []uint8{3, 255}, []int{200})
		}},
		{"float targets", bytes, floats, func(t *testing.T, ds Dataset) {
			wantBatch(t, ds, []int{1}, tensor.Shape{1, 2}, []uint8{3, 255}, []float32{-2})
		}},
		{"tokens", npyOf("<i4", "(2, 1)", 5, 0, 0, 0, 6, 1, 0, 0), npyOf("|u1", "(2, 1)", 1, 0), func(t *testing.T, ds Dataset) {
			wantBatch(t, ds, []int{0, 1}, tensor.Shape{2, 1}, []int{5, 262}, []uint8{1, 0})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := OpenNPY(writeTemp(t, "x.npy", c.x), writeTemp(t, "t.npy", c.t))
			if err != nil {
				t.Fatal(err)
			}
			c.want(t, ds)
			wantIndexErrors(t, ds)
		})
	}
	good, bad := writeTemp(t, "good.npy", floats), writeTemp(t, "bad.npy", floats[:len(floats)-1])
	three := writeTemp(t, "three.npy", npyOf("|u1", "(3,)", 1, 2, 3))
	big := writeTemp(t, "big.npy", npyOf("<u8", "(2,)", 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255))
	for _, c := range []struct{ x, t, want string }{
		{bad, good, bad},
		{good, bad, bad},
		{good, three, "x has 2 rows and t has 3"},
		{good, big, "t: element 1 is 18446744073709551615, too large"},
	} {
		_, err := OpenNPY(c.x, c.t)
		wantError(t, err, c.want)
	}
}

func TestOpenNPZ(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.npz")
	err := export.WriteNPZ(path, []export.Tensor{
		{Name: "x_train", Value: tensorOf([]float32{1, 2, 3, 4}, 2, 2)},
		{Name: "y_train", Value: tensorOf([]int64{5, 6}, 2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := OpenNPZ(path, "x_train", "y_train")
	if err != nil {
		t.Fatal(err)
	}
	wantBatch(t, ds, []int{1, 0}, tensor.Shape{2, 2}, []float32{3, 4, 1, 2}, []int{6, 5})
	_, err = OpenNPZ(path, "x_train", "y")
	wantError(t, err, path, `no array is named "y", there are ["x_train" "y_train"]`)
	_, err = OpenNPZ(path, "x", "y_train")
	wantError(t, err, path, `no array is named "x"`)
	_, err = OpenNPZ(path+"x", "x", "y_train")
	wantError(t, err, path+"x")
}

// Tokens are numbers for a model as they are.
func TestTokensReachAModel(t *testing.T) {
	tokens, bytes := npyOf("<i8", "(1, 2)", 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), npyOf("|u1", "(1, 2)", 2, 1)
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		table := s.Floats(graph.Shape{3, 1}, []float64{1, 10, 100})
		return nodes.Embedding(s, x, 3, 1, nodes.SharedWeight(table))
	}, graph.Shape{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range [][]byte{tokens, bytes} {
		ds, err := OpenNPY(writeTemp(t, "x.npy", file), writeTemp(t, "t.npy", npyOf("|u1", "(1,)", 0)))
		if err != nil {
			t.Fatal(err)
		}
		y, err := Predict(t.Context(), m, ds)
		if err != nil {
			t.Fatal(err)
		}
		if v := y.Float32s(); v[0] != 100 || v[1] != 10 {
			t.Errorf("got rows %v, want [100 10]", v)
		}
	}
}
