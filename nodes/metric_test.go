package nodes_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func dense[T any](v []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

func TestMetrics(t *testing.T) {
	nan := math.NaN()
	logits := dense([]float64{
		1, 3, 2, // 1, 2, 0
		5, 4, 5, // a tie: 0, 2, 1
		0, 0, 0, // 0, 1, 2
		-1, nan, 1, // none
	}, 4, 3)
	overSpace := dense([]float32{
		1, 0, 0, 2, // class 0 of two at (2, 2)
		0, 1, 0, 3, // class 1
	}, 1, 2, 2, 2)
	for _, c := range []struct {
		name      string
		metric    nodes.Metric
		y, target *tensor.Dense
		want      float64
	}{
		{"the first of a tie", nodes.Accuracy(), logits, dense([]int{1, 0, 0, 2}, 4), 3. / 4},
		{"not the others", nodes.Accuracy(), logits, dense([]int{2, 2, 1, 0}, 4), 0},
		{"ignored", nodes.Accuracy(), logits, dense([]int{1, 2, -100, -100}, 4), 1. / 2},
		{"another index ignored", nodes.Accuracy(nodes.IgnoreIndex(2)), logits, dense([]int{1, 0, 2, 1}, 4), 2. / 3},
		{"all ignored", nodes.Accuracy(), logits, dense([]int{-100, -100, -100, -100}, 4), nan},
		{"over space", nodes.Accuracy(), overSpace, dense([]int{0, 1, 1, 1}, 1, 2, 2), 3. / 4},
		{"yes or no", nodes.Accuracy(), dense([]float64{0.1, -0.1, 0, nan}, 4), dense([]int{1, 0, 0, 0}, 4), 3. / 4},
		{"yes or no in a column", nodes.Accuracy(), dense([]float64{0.1, -0.1, 3}, 3, 1), dense([]float64{1, 1, 1}, 3, 1), 2. / 3},
		{"yes or no, column and vector", nodes.Accuracy(), dense([]float32{0.1, -0.1, 3}, 3, 1), dense([]float32{0, 0, 1}, 3), 2. / 3},
		{"two best", nodes.TopK(2), logits, dense([]int{2, 2, 1, 2}, 4), 3. / 4},
		{"not the third", nodes.TopK(2), logits, dense([]int{0, 1, 2, 0}, 4), 0},
		{"all", nodes.TopK(3), logits, dense([]int{0, 1, 2, 0}, 4), 3. / 4},
		{"confusion", nodes.ConfusionMatrix(3), logits, dense([]int{1, 0, 0, 2}, 4), 3. / 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.metric.Value(); !math.IsNaN(got) {
				t.Errorf("before the first batch: got %v, want NaN", got)
			}
			// Two equal batches have the value of one.
			for range 2 {
				if err := c.metric.Add(c.y, c.target); err != nil {
					t.Fatalf("%+v", err)
				}
			}
			if got := c.metric.Value(); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			c.metric.Reset()
			if got := c.metric.Value(); !math.IsNaN(got) {
				t.Errorf("after Reset: got %v, want NaN", got)
			}
		})
	}
}

func TestMetricOfViews(t *testing.T) {
	y := dense([]float64{0, 1, 1, 0, 0, 1}, 2, 3)
	if err := y.T(); err != nil {
		t.Fatal(err)
	}
	// Transposed, the rows are (0, 0), (1, 0), (1, 1).
	m := nodes.Accuracy()
	if err := m.Add(y, dense([]int{0, 0, 0}, 3)); err != nil {
		t.Fatal(err)
	}
	if got := m.Value(); got != 1 {
		t.Errorf("got %v, want 1", got)
	}
}

func TestConfusion(t *testing.T) {
	m := nodes.ConfusionMatrix(3)
	// Predictions 0, 1, 1, 1, none.
	y := dense([]float64{
		2, 1, 0,
		0, 2, 1,
		0, 2, 1,
		0, 2, 1,
		math.NaN(), 1, 0,
	}, 5, 3)
	if err := m.Add(y, dense([]int{0, 1, 1, 0, 1}, 5)); err != nil {
		t.Fatal(err)
	}
	want := [][]int{{1, 1, 0}, {0, 2, 0}, {0, 0, 0}}
	if diff := cmp.Diff(want, m.Matrix()); diff != "" {
		t.Errorf("Matrix: -want +got\n%s", diff)
	}
	m.Matrix()[0][0] = 100
	nan := math.NaN()
	for c, want := range [][3]float64{{1, 1. / 2, 2. / 3}, {2. / 3, 2. / 3, 2. / 3}, {nan, nan, nan}, {nan, nan, nan}} {
		got := [3]float64{m.Precision(c), m.Recall(c), m.F1(c)}
		for i := range got {
			if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
				t.Errorf("class %d: precision, recall, F1: got %v, want %v", c, got, want)
				break
			}
		}
	}
	if got := m.Value(); got != 3./5 {
		t.Errorf("Value: got %v, want 0.6", got)
	}
	const table = `
  target\predicted  0  1  2  NaN  precision  recall     F1
                 0  1  1  0    0      1.000   0.500  0.667
                 1  0  2  0    1      0.667   0.667  0.667
                 2  0  0  0    0        NaN     NaN    NaN
`
	if got := m.String(); got != strings.TrimPrefix(table, "\n") {
		t.Errorf("String: got\n%s\nwant%s", got, table)
	}
}

func TestMetricsTakeIntegersOfOtherTypes(t *testing.T) {
	y := dense([]float64{1, 2, 3, 6, 5, 4}, 2, 3)
	for _, target := range []*tensor.Dense{dense([]int64{2, 1}, 2), dense([]int32{2, 1}, 2), dense([]uint8{2, 1}, 2)} {
		m := nodes.Accuracy()
		if err := m.Add(y, target); err != nil || m.Value() != 0.5 {
			t.Errorf("%v: got %v, %v, want one right of two", target.Dtype(), m.Value(), err)
		}
	}
}

func TestMetricMistakes(t *testing.T) {
	y := dense([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	for _, c := range []struct {
		metric    nodes.Metric
		y, target *tensor.Dense
		want      string
	}{
		{nodes.Accuracy(), y, dense([]int{0, 3}, 2), "the target at [1] is 3, want 0 ≤ target < 3, the number of classes"},
		{nodes.Accuracy(), y, dense([]int{0, -1}, 2), "the target at [1] is -1"},
		{nodes.Accuracy(), y, dense([]int{0, 1}, 2, 1), "the prediction has shape (2, 3) and the target (2, 1), want a target of shape (2)"},
		{nodes.Accuracy(), y, dense([]int{0, 1, 1, 0, 0, 1}, 2, 3), "want a target of shape (2); for several yes/no questions per sample there is no metric yet"},
		{nodes.Accuracy(), y, dense([]int{0, 1, 2}, 3), "the target (3), want a target of shape (2)"},
		{nodes.Accuracy(), y, dense([]float64{0, 1}, 2), "the target has type float64, want class indices of type int"},
		{nodes.Accuracy(), dense([]float64{1, 2}, 2), dense([]float64{0, 0.5}, 2), "the target at [1] is 0.5, want 0 or 1"},
		{nodes.Accuracy(), dense([]float64{1, 2}, 2), dense([]float64{0, math.NaN()}, 2), "the target at [1] is NaN, want 0 or 1"},
		{nodes.Accuracy(), dense([]float64{1, 2}, 2), dense([]float64{0, 2}, 2), "the target at [1] is 2, want 0 ≤ target < 2"},
		{nodes.Accuracy(), dense([]int{1, 2}, 2), dense([]int{0, 1}, 2), "the prediction has type int, want float32 or float64"},
		{nodes.Accuracy(), tensor.New(tensor.FromScalar(1.0)), dense([]int{0}, 1), "the prediction has shape ()"},
		{nodes.Accuracy(), nil, dense([]int{0}, 1), "nil"},
		{nodes.TopK(0), y, dense([]int{0, 1}, 2), "k is 0, want 1 ≤ k ≤ 3"},
		{nodes.TopK(4), y, dense([]int{0, 1}, 2), "k is 4, want 1 ≤ k ≤ 3"},
		{nodes.ConfusionMatrix(2), y, dense([]int{0, 1}, 2), "the prediction has 3 classes, want 2 as the matrix"},
		{nodes.ConfusionMatrix(-1), y, dense([]int{0, 1}, 2), "the prediction has 3 classes, want -1"},
	} {
		err := c.metric.Add(c.y, c.target)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.metric.Name(), err, c.want)
		}
		if got := c.metric.Value(); !math.IsNaN(got) {
			t.Errorf("%s after the error %q: got the value %v, want NaN as before", c.metric.Name(), c.want, got)
		}
	}
}
