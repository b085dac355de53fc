package nodes_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/nodes"
)

// Of four predictions at 80 %, two are right: the network is too sure of itself.
func ExampleCalibrationError() {
	m := nodes.CalibrationError(15)
	logit := math.Log(4) // softmax(logit, 0) is 0.8
	if err := m.Add(matrix(4, 2, logit, 0, logit, 0, logit, 0, logit, 0), dense([]int{0, 0, 1, 1}, 4)); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.2f\n", m.Name(), m.Value())
	// Output: ece 0.30
}

func TestCalibrationError(t *testing.T) {
	odds := func(p ...float64) (logits []float64) { // of the first of two classes
		for _, v := range p {
			logits = append(logits, math.Log(v/(1-v)), 0)
		}
		return logits
	}
	for _, c := range []struct {
		name   string
		bins   int
		logits []float64
		target []int
		want   float64
	}{
		{"right and sure", 10, odds(1-1e-12, 1-1e-12), []int{0, 0}, 0},
		{"wrong and sure", 10, odds(1 - 1e-12), []int{1}, 1},
		{"one bin", 1, odds(0.6, 0.9), []int{0, 1}, 0.25},        // |1/2 - 0.75|
		{"two bins", 4, odds(0.6, 0.9), []int{0, 1}, 0.65},       // (|1 - 0.6| + |0 - 0.9|) / 2
		{"class 1 is sure", 4, odds(0.1, 0.1), []int{1, 0}, 0.4}, // |1/2 - 0.9|
	} {
		m := nodes.CalibrationError(c.bins)
		if err := m.Add(dense(c.logits, len(c.target), 2), dense(c.target, len(c.target))); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := m.Value(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if m.Reset(); !math.IsNaN(m.Value()) {
			t.Errorf("%s: after Reset the value is %v, want NaN", c.name, m.Value())
		}
	}
}

// Predictions that are right as often as they say have an error that shrinks as
// 1/√n.
func TestCalibrationErrorOfCalibrated(t *testing.T) {
	const n = 200_000
	r := rand.New(rand.NewPCG(1, 2))
	logits, target := make([]float64, n), make([]int, n)
	for i := range logits {
		logits[i] = 3 * r.NormFloat64()
		if r.Float64() < 1/(1+math.Exp(-logits[i])) {
			target[i] = 1
		}
	}
	m := nodes.CalibrationError(15)
	if err := m.Add(dense(logits, n), dense(target, n)); err != nil { // logits of a yes
		t.Fatal(err)
	}
	if got := m.Value(); got > 0.005 {
		t.Errorf("got %v, want below 0.005", got)
	}
	total := 0
	for i, b := range m.Bins() {
		total += b.N
		if lo, hi := float64(i)/15, float64(i+1)/15; b.N > 0 && !(b.Confidence > lo && b.Confidence <= hi) {
			t.Errorf("bin %d has confidence %v, want %v to %v", i, b.Confidence, lo, hi)
		}
	}
	if first := slices.IndexFunc(m.Bins(), func(b nodes.CalibrationBin) bool { return b.N > 0 }); total != n || first != 7 {
		t.Errorf("got %d positions from bin %d, want %d from 7, where two classes begin", total, first, n)
	}
}

func TestCalibrationErrorMistakes(t *testing.T) {
	y, target := matrix(1, 2, 1, 0), dense([]int{0}, 1)
	for _, bins := range []int{0, -3} {
		if err := nodes.CalibrationError(bins).Add(y, target); err == nil || !strings.Contains(err.Error(), "want at least 1") {
			t.Errorf("%d bins: got error %v, want one that asks for at least 1", bins, err)
		}
	}
	m := nodes.CalibrationError(15)
	if err := m.Add(y, dense([]int{2}, 1)); err == nil || !math.IsNaN(m.Value()) {
		t.Errorf("got %v and the value %v, want an error about class 2 and no value", err, m.Value())
	}
	if err := m.Add(matrix(1, 2, math.NaN(), 0), target); err != nil || !math.IsNaN(m.Value()) {
		t.Errorf("NaN: got %v and the value %v, want NaN", err, m.Value())
	}
	ignored := nodes.CalibrationError(15, nodes.IgnoreIndex(0))
	if err := ignored.Add(y, target); err != nil || !math.IsNaN(ignored.Value()) {
		t.Errorf("all ignored: got %v and the value %v, want NaN", err, ignored.Value())
	}
}
