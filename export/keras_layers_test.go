package export

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func zeros(shape ...int) func(name string) Tensor {
	n, _, _ := count(shape, 1)
	return func(name string) Tensor { return Tensor{name, dense(make([]float32, n), shape...)} }
}

func TestKerasNames(t *testing.T) {
	ts, err := fromKeras([]Tensor{
		zeros(2, 3)("m/a/kernel"), zeros(4, 8)("m/b/c/lstm_cell_7/kernel"), zeros(2, 8)("m/b/c/lstm_cell_7/recurrent_kernel"),
		zeros(4, 5)("m/bidirectional/forward_rnn/cell/kernel"), zeros(5, 5)("m/bidirectional/forward_rnn/cell/recurrent_kernel"),
		zeros(4, 5)("m/bidirectional/backward_rnn/cell/kernel"), zeros(5, 5)("m/bidirectional/backward_rnn/cell/recurrent_kernel"),
		zeros(3)("m/norm/moving_mean"), zeros(3)("m/norm/moving_variance"), zeros(2)("m/drop/seed_generator_state"),
		zeros(3)("m/ln/gamma"), zeros(3)("m/ln/beta"), zeros(5, 4, 2, 3)("m/conv/kernel"), zeros(9, 2)("m/words/embeddings"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "a.weight (3, 2), b.c.weight_ih_l0 (8, 4), b.c.weight_hh_l0 (8, 2), " +
		"bidirectional.weight_ih_l0 (5, 4), bidirectional.weight_hh_l0 (5, 5), " +
		"bidirectional.weight_ih_l0_reverse (5, 4), bidirectional.weight_hh_l0_reverse (5, 5), " +
		"norm.running_mean (3), norm.running_var (3), norm.num_batches_tracked (), " +
		"ln.weight (3), ln.bias (3), conv.weight (3, 2, 5, 4), words.weight (9, 2)"
	var got []string
	for _, x := range ts {
		got = append(got, fmt.Sprint(x.Name, " ", x.Value.Shape()))
	}
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("got\n%s, want\n%s", text, want)
	}
}

func TestKerasMistakes(t *testing.T) {
	cell := func(ts ...Tensor) []Tensor { return ts }
	for _, c := range []struct {
		name string
		vars []Tensor
		want string
	}{
		{"no layer", []Tensor{zeros(2)("kernel")}, `variable "kernel" is of no layer, want layer/variable`},
		{"unknown", []Tensor{zeros(2)("d/pointwise_kernel")}, `layer "d": variable "pointwise_kernel" is unknown`},
		{"one axis", []Tensor{zeros(2)("d/kernel")}, "kernel has shape (2), want (..., in, out)"},
		{"twice", []Tensor{zeros(2)("d/gamma"), zeros(2, 2)("d/kernel")}, `tensor "d.weight" is there twice`},
		{"reset before", cell(zeros(2, 9)("g/c/kernel"), zeros(3, 9)("g/c/recurrent_kernel"), zeros(9)("g/c/bias")),
			`layer "g": bias has shape (9), want (2, 9): a GRU with reset_after=True`},
		{"no kernel", cell(zeros(3, 9)("g/c/recurrent_kernel")), "want a kernel, a recurrent_kernel"},
		{"peepholes", cell(zeros(2, 9)("g/c/kernel"), zeros(3, 9)("g/c/recurrent_kernel"), zeros(9)("g/c/peephole")), "has variables [kernel recurrent_kernel peephole]"},
		{"two gates", cell(zeros(2, 6)("g/c/kernel"), zeros(3, 6)("g/c/recurrent_kernel")), "kernels have shapes (2, 6) and (3, 6)"},
		{"other sizes", cell(zeros(2, 9)("g/c/kernel"), zeros(3, 12)("g/c/recurrent_kernel")), "kernels have shapes (2, 9) and (3, 12)"},
		{"a part of a gate", cell(zeros(2, 10)("g/c/kernel"), zeros(3, 10)("g/c/recurrent_kernel")), "kernels have shapes (2, 10) and (3, 10)"},
		{"bias", cell(zeros(2, 12)("g/c/kernel"), zeros(3, 12)("g/c/recurrent_kernel"), zeros(2, 12)("g/c/bias")), "bias has shape (2, 12), want (12)"},
	} {
		_, err := fromKeras(c.vars)
		wantError(t, c.name, err, c.want)
	}
	for name, file := range map[string]string{
		"is an HDF5 file, want an NPZ: numpy.savez(": hdf5Magic + strings.Repeat("\x00", 100),
		"want an NPZ: numpy.savez(":                  archive(t, header("config.json", 0, "{}", "{}"), "{}"),
	} {
		_, err := DecodeKeras(strings.NewReader(file), int64(len(file)))
		wantError(t, name, err, name)
	}
}

// What Keras's is read as has names and shapes that can be written.
func FuzzKeras(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		ts, err := DecodeKeras(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := EncodeNPZ(&out, ts); err != nil {
			t.Fatalf("writing what was read: %v", err)
		}
		if slices.ContainsFunc(ts, func(x Tensor) bool { return !strings.Contains(x.Name, ".") }) {
			t.Errorf("got names %v, want a layer in each", ts)
		}
	})
}
