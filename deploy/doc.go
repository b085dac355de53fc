// Package deploy keeps a model, ready to predict, in one file, and predicts from it.
//
//	err := deploy.Freeze(m, "digits.thinnet")
//	...
//	p, err := deploy.Open("digits.thinnet")
//	defer p.Close()
//	err = p.PredictInto(y, x) // from any number of goroutines
//
// # The file
//
// A frozen model is what [graph.Model.Predict] would make of the model at its first call,
// made beforehand: batch norm is folded into the layer before it, dropout is gone, and
// weights lie in the order in which the kernels read them. What it computes is in the file
// too, in the form of ONNX. Predictions are those of the model, but for the rounding of
// layers that ONNX has another form of; with [OpenFunc] they are the same bits.
//
// The file is one of safetensors: data begins at a multiple of 64 bytes, packed weights
// come first, then the weights as the model has them, under their names, and at the end a
// CRC-32C of the whole. Packed weights suit one level of instructions. On a machine of
// another one, and for batch sizes that want another packing, weights are packed anew when
// they are wanted, which takes memory; see [Predictor.InPlace].
//
// # Opening
//
// A file is mapped to memory: weights are used where they lie, all predictors and all
// processes that have it open share them, and the system takes their pages back when it
// needs them. All of it is read once, to find damage. After that the file must stay as it
// is: to cut off a mapped file ends the process that reads it. Replace it by renaming
// another one over it, as [Freeze] does.
package deploy
