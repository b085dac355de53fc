package export

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

func TestMatch(t *testing.T) {
	third := 1.0 / 3
	for _, c := range []struct {
		name      string
		from, to  *tensor.Dense
		want      *tensor.Dense
		tensor    string
		wantError string
	}{
		{"same type", dense([]float32{1, 2}, 2), dense([]float32{0, 0}, 2), dense([]float32{1, 2}, 2), "w", ""},
		{"scalar", dense([]float32{3}), dense([]float32{0}), dense([]float32{3}), "w", ""},
		{"narrowed", dense([]float64{third, 0.5}, 2), dense([]float32{0, 0}, 2), dense([]float32{float32(third), 0.5}, 2), "w", ""},
		{"widened", dense([]float32{float32(third)}), dense([]float64{0}), dense([]float64{float64(float32(third))}), "w", ""},
		{"integers", dense([]int64{-128, 127}, 2), dense([]int8{0, 0}, 2), dense([]int8{-128, 127}, 2), "w", ""},
		{"int", dense([]int64{7}, 1), dense([]int{0}, 1), dense([]int{7}, 1), "w", ""},
		{"bool", dense([]bool{true}, 1), dense([]bool{false}, 1), dense([]bool{true}, 1), "w", ""},
		{"counter to float", dense([]int64{7}), dense([]float32{0}), dense([]float32{7}), "bn.num_batches_tracked", ""},
		{"counter to int32", dense([]int64{7}), dense([]int32{0}), dense([]int32{7}), "num_batches_tracked", ""},

		{"too large", dense([]int64{128}, 1), dense([]int8{0}, 1), nil, "w", "128"},
		{"sign lost", dense([]int64{-1}, 1), dense([]uint64{0}, 1), nil, "w", "-1"},
		{"sign gained", dense([]uint64{math.MaxUint64}, 1), dense([]int64{0}, 1), nil, "w", "18446744073709551615"},
		{"integer to float", dense([]int64{1}, 1), dense([]float32{0}, 1), nil, "w", "is of int64, want float32"},
		{"float to integer", dense([]float32{1}, 1), dense([]int64{0}, 1), nil, "w", "is of float32, want int64"},
		{"float to counter", dense([]float32{1}), dense([]int64{0}), nil, "num_batches_tracked", "is of float32, want int64"},
		{"bool to integer", dense([]bool{true}, 1), dense([]uint8{0}, 1), nil, "w", "is of bool, want uint8"},
		{"shape", dense([]float32{1, 2}, 2, 1), dense([]float32{0, 0}, 1, 2), nil, "w", "has shape (2, 1), want (1, 2)"},
		{"scalar to one", dense([]float32{1}), dense([]float32{0}, 1), nil, "w", "has shape (), want (1)"},
		{"nil source", nil, dense([]float32{0}, 1), nil, "w", "nil"},
		{"nil destination", dense([]float32{0}, 1), nil, nil, "w", "no tensor in the memory"},
		{"Fortran destination", dense([]float32{1, 2, 3, 4}, 2, 2), tensor.New(tensor.WithShape(2, 2), tensor.AsFortran([]float32{0, 0, 0, 0})), nil, "w", "row-major"},
	} {
		err := Match([]Tensor{{c.tensor, c.to}}, []Tensor{{c.tensor, c.from}})
		if c.wantError != "" {
			wantError(t, c.name, err, c.tensor, c.wantError)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		wantDense(t, c.name, c.to, c.want)
	}
}

func TestMatchReadsViews(t *testing.T) {
	to := dense(make([]float32, 6), 3, 2)
	from := dense([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := from.T(); err != nil {
		t.Fatal(err)
	}
	if err := Match([]Tensor{{"w", to}}, []Tensor{{"w", from}}); err != nil {
		t.Fatal(err)
	}
	wantDense(t, "transposed", to, dense([]float32{1, 4, 2, 5, 3, 6}, 3, 2))
}

// TestMatchReportsAll wants each problem on a line of its own, in a fixed
// order, and nothing copied.
func TestMatchReportsAll(t *testing.T) {
	good := dense([]float32{0}, 1)
	dst := []Tensor{{"good", good}, {"missing", dense([]float32{0}, 1)}, {"shape", dense([]float32{0}, 1)}, {"type", dense([]float32{0}, 1)}}
	src := []Tensor{{"good", dense([]float32{1}, 1)}, {"type", dense([]int32{1}, 1)}, {"more", dense([]float32{1}, 1)}, {"shape", dense([]float32{1, 2}, 2)}}
	err := Match(dst, src)
	if err == nil {
		t.Fatal("got no error")
	}
	want := []string{
		"nothing loaded:",
		"missing from the file: missing",
		"unexpected in the file: more",
		"shape has shape (2), want (1)",
		"type is of int32, want float32",
	}
	if got := strings.Split(err.Error(), "\n\t"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	wantDense(t, "good", good, dense([]float32{0}, 1))

	err = Match(dst, src, Partial())
	wantError(t, "partial", err, "shape has shape", "type is of int32")
	if err != nil && strings.Contains(err.Error(), "file") {
		t.Errorf("partial: got error %q, want none for missing and unexpected tensors", err)
	}
	wantDense(t, "good", good, dense([]float32{0}, 1))
}

func TestMatchPartial(t *testing.T) {
	a, b := dense([]float32{0}, 1), dense([]float32{0}, 1)
	dst := []Tensor{{"a", a}, {"b", b}}
	src := []Tensor{{"b", dense([]float32{1}, 1)}, {"c", dense([]float32{1}, 1)}}
	if err := Match(dst, src, Partial()); err != nil {
		t.Fatal(err)
	}
	wantDense(t, "a", a, dense([]float32{0}, 1))
	wantDense(t, "b", b, dense([]float32{1}, 1))

	wantError(t, "nothing in common", Match(dst, src[1:], Partial()), "missing from the file: a, b", "unexpected in the file: c")
}

func TestMatchRename(t *testing.T) {
	a := dense([]float32{0}, 1)
	src := []Tensor{{"model.a", dense([]float32{1}, 1)}}
	trim := Rename(func(name string) string { return strings.TrimPrefix(name, "model.") })
	if err := Match([]Tensor{{"a", a}}, src, trim); err != nil {
		t.Fatal(err)
	}
	wantDense(t, "a", a, dense([]float32{1}, 1))

	src = append(src, Tensor{"a", dense([]float32{2}, 1)})
	wantError(t, "two of one name", Match([]Tensor{{"a", a}}, src, trim), `"model.a" and "a"`)
	wantDense(t, "a", a, dense([]float32{1}, 1))

	wantError(t, "without Rename", Match([]Tensor{{"a", a}}, src, Rename(nil)), "unexpected in the file: model.a")
	twice := []Tensor{{"a", a}, {"a", a}}
	wantError(t, "two destinations", Match(twice, src[1:]), "a is there twice in the model")
}
