package nodes_test

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/onnxtest"
)

// All cases of the gradient table are exported, and compute the same there.
func TestONNX(t *testing.T) {
	onnxtest.Agree(t, onnxtest.Rows(t, slices.Concat(cases...), withoutForm))
}

var withoutForm = []string{
	// Losses are no part of what a model predicts.
	"CrossEntropy", "NLL", "BCEWithLogits", "MSE", "L1", "Huber",
	// No recurrent node of ONNX has factors on its state.
	"LSTM/factors", "GRU/factors", "RNN/factors", "RNN/with ReLU factors",
	// No norm of ONNX takes the statistics of a part of a batch.
	"BatchNorm3D/ghost batches, untracked",
}
