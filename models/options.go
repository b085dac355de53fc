package models

import "github.com/thinnet/thinnet/graph"

// An MLPOption adjusts one [MLP].
type MLPOption interface{ mlp(*mlp) }

// A LeNet5Option adjusts one [LeNet5].
type LeNet5Option interface{ leNet5(*leNet5) }

// A ClassicCNNOption adjusts one [ClassicCNN].
type ClassicCNNOption interface{ classicCNN(*classicCNN) }

// Dropout is the probability to drop a value after each hidden dense layer of
// any model, from 0, which is none, to 1.
type Dropout float64

func (p Dropout) mlp(m *mlp)               { m.dropout = float64(p) }
func (p Dropout) leNet5(m *leNet5)         { m.dropout = float64(p) }
func (p Dropout) classicCNN(m *classicCNN) { m.dropout = float64(p) }

// checkClasses reports a number of classes that no output layer can have.
func checkClasses(s *graph.Scope, classes int) {
	if classes < 1 {
		s.Errorf("classes is %d, want at least 1", classes)
	}
}
