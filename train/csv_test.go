package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

const flowers = `length,width,species
1.5,2,rose
 3 ,-4e1, iris
5,6,rose
`

func TestOpenCSVClasses(t *testing.T) {
	for _, data := range [][]byte{
		[]byte(flowers),
		[]byte("\ufeff" + flowers),
		bytes.ReplaceAll([]byte(flowers), []byte("\n"), []byte("\r\n")),
		gzipped(t, []byte(flowers)),
	} {
		ds, err := OpenCSV(writeTemp(t, "flowers.csv", data))
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if got, want := ds.(Labelled).Classes(), []string{"iris", "rose"}; !slices.Equal(got, want) {
			t.Errorf("%q: classes are %q, want %q", data, got, want)
		}
		wantBatch(t, ds, []int{0, 1, 2}, tensor.Shape{3, 2}, []float32{1.5, 2, 3, -40, 5, 6}, []int{1, 0, 1})
		wantIndexErrors(t, ds)
	}
}

func TestOpenCSVOptions(t *testing.T) {
	for _, c := range []struct {
		name, data string
		opts       []CSVOption
		x          []float32
		t          []int
		classes    []string
	}{
		{"name", "y,a,b\nno,1,2\nyes,3,4\n", []CSVOption{TargetColumn("y")}, []float32{1, 2, 3, 4}, []int{0, 1}, []string{"no", "yes"}},
		{"index", "a,y,b\n1,q,2\n3,p,4\n", []CSVOption{TargetIndex(1)}, []float32{1, 2, 3, 4}, []int{1, 0}, []string{"p", "q"}},
		{"from the end", "a,y,b\n1,q,2\n3,p,4\n", []CSVOption{TargetIndex(-2)}, []float32{1, 2, 3, 4}, []int{1, 0}, []string{"p", "q"}},
		{"no header", "1,2,b\n3,4,a\n", []CSVOption{NoHeader()}, []float32{1, 2, 3, 4}, []int{1, 0}, []string{"a", "b"}},
		{"integers by value", "a,b,y\n1,2,10\n3,4,9\n", nil, []float32{1, 2, 3, 4}, []int{1, 0}, []string{"9", "10"}},
		{"not all integers", "a,b,y\n1,2,9x\n3,4,10\n", nil, []float32{1, 2, 3, 4}, []int{1, 0}, []string{"10", "9x"}},
		{"given", "a,b,y\n1,2,x\n3,4,z\n", []CSVOption{ClassNames("z", "y", "x")}, []float32{1, 2, 3, 4}, []int{2, 0}, []string{"z", "y", "x"}},
		{"semicolons", "a;b;y\n1;2;x\n\n3;4;\"x\"\n", []CSVOption{Comma(';')}, []float32{1, 2, 3, 4}, []int{0, 0}, []string{"x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds, err := OpenCSV(writeTemp(t, "t.csv", []byte(c.data)), c.opts...)
			if err != nil {
				t.Fatal(err)
			}
			wantBatch(t, ds, []int{0, 1}, tensor.Shape{2, 2}, c.x, c.t)
			if got := ds.(Labelled).Classes(); !slices.Equal(got, c.classes) {
				t.Errorf("classes are %q, want %q", got, c.classes)
			}
		})
	}
}

func TestOpenCSVNumbers(t *testing.T) {
	ds, err := OpenCSV(writeTemp(t, "t.csv", []byte("a,y\n1,0.5\n2,-1e3\n")), NumericTarget())
	if err != nil {
		t.Fatal(err)
	}
	wantBatch(t, ds, []int{1, 0}, tensor.Shape{2, 1}, []float32{2, 1}, []float32{-1000, 0.5})
	if got := ds.(Labelled).Classes(); got != nil {
		t.Errorf("classes are %q, want none", got)
	}
}

// The advice of NumericTarget fits the loss: y = 2 x + 1 is learnt.
func TestNumericTargetTrains(t *testing.T) {
	ds, err := OpenCSV(writeTemp(t, "t.csv", []byte("x,y\n-1,-1\n0,1\n1,3\n2,5\n")), NumericTarget())
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Reshape(nodes.Linear(s.In("fc"), x, 1), -1)
	}, graph.Shape{4, 1})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Fit(context.Background(), m, ds, nodes.MSE(), SGD(0.2), Epochs(200), ReportTo(nil))
	if err != nil {
		t.Fatal(err)
	}
	// XᵀX/2 has the eigenvalues 3.62 and 1.38, so the slower error shrinks by
	// 1 - 0.2 · 1.38 = 0.72 a step: nothing but rounding is left.
	if loss := h.Last().Loss; loss > 1e-6 {
		t.Errorf("the loss is %v, want at most 1e-6", loss)
	}
}

func TestOpenCSVErrors(t *testing.T) {
	for _, c := range []struct {
		name, data string
		opts       []CSVOption
		want       string
	}{
		{"empty", "", nil, "has no sample"},
		{"header only", "a,b,y\n", nil, "has no sample"},
		{"one column", "y\n1\n", nil, "the first line has 1 column"},
		{"not a number", "a,b,y\n1,2,x\n3,four,x\n", nil, `line 3, column b: cell is "four", want a finite number`},
		{"empty cell", "a,b,y\n1,,x\n", nil, `line 2, column b: cell is ""`},
		{"NaN", "1,NaN,x\n", []CSVOption{NoHeader()}, `line 1, column 1 (counted from 0): cell is "NaN"`},
		{"range", "a,b,y\n1,1e39,x\n", nil, `line 2, column b: cell is "1e39"`},
		{"target", "a,y\n1,x\n", []CSVOption{NumericTarget()}, `line 2, column y: cell is "x", want a finite number`},
		{"no class", "a,y\n1,\n", nil, `line 2, column y: cell is "", want the name of a class`},
		{"class not given", "a,y\n1,z\n", []CSVOption{ClassNames("w", "x")}, `line 2, column y: cell is "z", want one of w, x`},
		{"short line", "a,b,y\n1,2,x\n1,x\n", nil, "t.csv: line 3 has 2 cells, want 3"},
		{"long line", "a,y\n\n1,2,x\n", nil, "t.csv: line 3 has 3 cells, want 2"},
		{"column without a name", ",y\nq,x\n", nil, `line 2, column 0 (counted from 0): cell is "q"`},
		{"quote", "a,b,y\n1,\"2,x\n", nil, "line 2, column"},
		{"no such name", "a,y\n1,x\n", []CSVOption{TargetColumn("z")}, `no column is named "z", the header has ["a" "y"]`},
		{"name twice", "a,a,b\n1,2,x\n", []CSVOption{TargetColumn("a")}, `two columns are named "a"`},
		{"name without header", "1,x\n", []CSVOption{TargetColumn("a"), NoHeader()}, "NoHeader says there is none"},
		{"index", "a,y\n1,x\n", []CSVOption{TargetIndex(2)}, "target is column 2, want -2 to 1"},
		{"negative index", "a,y\n1,x\n", []CSVOption{TargetIndex(-3)}, "target is column -3, want -2 to 1"},
		{"classes of numbers", "a,y\n1,x\n", []CSVOption{NumericTarget(), ClassNames("x")}, "both given"},
		{"class twice", "a,y\n1,x\n", []CSVOption{ClassNames("x", "x")}, "a name twice"},
		{"comma", "a,y\n1,x\n", []CSVOption{Comma('"')}, "invalid field or comment delimiter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeTemp(t, "t.csv", []byte(c.data))
			ds, err := OpenCSV(path, c.opts...)
			wantError(t, err, path+": ", c.want)
			if ds != nil {
				t.Errorf("data set is %v, want nil", ds)
			}
		})
	}
}

// What is read is a data set of finite numbers, whatever the bytes.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(flowers), false, false)
	f.Add([]byte("1,2\n3,4\n"), true, true)
	f.Add([]byte("\"a\",\"b\n\"\n1,\"x\"\n"), false, false)
	f.Fuzz(func(t *testing.T, data []byte, noHeader, numeric bool) {
		if len(data) > 1<<14 {
			t.Skip()
		}
		var opts []CSVOption
		if noHeader {
			opts = append(opts, NoHeader())
		}
		if numeric {
			opts = append(opts, NumericTarget())
		}
		ds, err := readCSV(bytes.NewReader(data), opts...)
		if err != nil {
			return
		}
		x, _, err := ds.Batch([]int{ds.Len() - 1})
		if err != nil {
			t.Fatalf("Batch of an open data set: %v", err)
		}
		for _, v := range x.Data().([]float32) {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("x has %v, want finite numbers", v)
			}
		}
		if numeric == (ds.(Labelled).Classes() != nil) {
			t.Fatalf("classes are %q with NumericTarget %v", ds.(Labelled).Classes(), numeric)
		}
	})
}
