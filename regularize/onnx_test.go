package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/onnx"
)

// All cases of the gradient table are exported as predictions, and compute the same there.
func TestONNX(t *testing.T) { onnxtest.Agree(t, onnxtest.Rows(t, rows(), nil)) }

// They are exported as in training too, unless they draw their rates.
func TestONNXInTraining(t *testing.T) {
	onnxtest.Compare(t, onnxtest.Rows(t, rows(), atDrawnRates, onnx.Training()), onnxtest.Comparison{AsWritten: true}, onnx.Training())
}

var atDrawnRates = []string{
	"DropFilterR/at a random rate", "DropConnectConv2D/at a random rate", "Cutout/at a scheduled rate", "MaxDrop/at a drawn rate",
}
