package nodes_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/nodes"
)

// A mixture counts as the class that has the largest share, the first of several.
func TestMetricsOfProbabilities(t *testing.T) {
	y := dense([]float32{5, 1, 0, 0, 1, 5, 0, 9, 2, 3, 2, 1}, 4, 3)
	target := dense([]float32{0.7, 0.3, 0, 0.4, 0, 0.6, 0.5, 0.5, 0, 0, 0.9, 0.1}, 4, 3)
	for _, m := range []nodes.Metric{nodes.Accuracy(), nodes.TopK(1)} {
		if err := m.Add(y, target); err != nil {
			t.Fatal(err)
		}
		if m.Value() != 0.5 {
			t.Errorf("%s is %v, want 0.5: samples 0 and 1 are right", m.Name(), m.Value())
		}
	}
	over := nodes.Accuracy()
	if err := over.Add(dense([]float64{5, 1, 0, 7}, 1, 2, 2), dense([]float64{0.6, 0.1, 0.4, 0.9}, 1, 2, 2)); err != nil {
		t.Fatal(err)
	}
	if over.Value() != 1 {
		t.Errorf("over two positions the accuracy is %v, want 1", over.Value())
	}
	for _, p := range [][]float32{{1, 1}, {1.5, -0.5}, {float32(math.NaN()), 1}, {0, 0}} {
		err := nodes.Accuracy().Add(dense([]float32{1, 2}, 1, 2), dense(p, 1, 2))
		if err == nil || !strings.Contains(err.Error(), "want probabilities of the classes, which sum to 1") {
			t.Errorf("a target of %v: got error %v, want one that asks for probabilities", p, err)
		}
	}
}
