// Package onnx writes models as ONNX files, which ONNX Runtime and many other programs
// run, and reads such files as models.
//
//	err := onnx.Export(m, "digits.onnx")
//	...
//	m, err := onnx.Load("digits.onnx")
//
// # What is written
//
// A file is of opset 17 and IR version 8. It has one input, called input, and one output,
// called output, both with a first axis called batch whose size is left open. Weights keep
// the names that they have in the model, which are PyTorch's: conv1.weight. Nodes and the
// values between them are named after the path of their layer: conv1/Conv.
//
// # Evaluation and training
//
// By default a file is the model in evaluation, what [graph.Model.Predict] computes: there
// is no dropout, and a batch norm is one by its running statistics, or by [FoldBatchNorm]
// no node at all. [Training] writes what a training step computes of the input.
//
// # What a file doesn't say
//
// Mistakes in the input, such as a number that is no word of an embedding or a length that
// is longer than the sequence, are errors here and undefined there. What draws has no seed
// in ONNX: masks are others in each run.
//
// # What has no form
//
// Every node of packages nodes, regularize and models has a form in evaluation, but for
// factors on the state of a recurrent layer, which only training draws. In training there
// is none of those, of ghost batches and cumulative averages of a batch norm, and of rates
// that are drawn. A stock operation of Gorgonia's, by [graph.Lift], has a form if it works
// on single elements. Ops of your own have none. An error names the node.
//
// # What is read
//
// [Load] reads files of opset 1 to 21 that are made of these operators of ONNX's own domain,
// of numbers and booleans of all types but complex ones:
//
//   - Conv, ConvTranspose, Gemm, MatMul, BatchNormalization, InstanceNormalization,
//     LayerNormalization, Dropout, LSTM, GRU, RNN;
//   - MaxPool, AveragePool, LpPool, GlobalMaxPool, GlobalAveragePool, GlobalLpPool, TopK;
//   - Relu, LeakyRelu, PRelu, ThresholdedRelu, Elu, Selu, Celu, Gelu, HardSigmoid,
//     HardSwish, Sigmoid, Softmax, LogSoftmax, Softplus, Softsign, Tanh, Clip;
//   - Reshape, Flatten, Transpose, Concat, Split, Slice, Squeeze, Unsqueeze, Expand, Tile,
//     Pad, Gather, DepthToSpace, SpaceToDepth, Resize, Upsample, Shape, Size, Identity,
//     Cast, CastLike, Constant, ConstantOfShape, Range, Where;
//   - ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd, ReduceL1, ReduceL2,
//     ReduceLogSum, ReduceLogSumExp, ReduceSumSquare;
//   - Add, Sub, Mul, Div, Pow, Mod, Sum, Mean, Max, Min, comparisons and logic, and the
//     elementary functions from Abs to Tanh.
//
// A model computes in one floating type: integers are whole numbers in it. There are no
// sequences, strings, loops and conditions. Conv, BatchNormalization, LSTM and so on become
// the nodes of package nodes, with their speed and their gradients. What is made of an
// initialiser alone, such as the transpose of a weight, is computed at each step, so that
// the weight can learn.
//
// # Where ONNX Runtime differs
//
// Where ONNX doesn't say it all, this reads: by auto_pad SAME an output is as long as the
// input by the stride, also where a window is shorter than that and in a pooling with
// dilations; and a sequence of length 0 ends in its initial state.
//
// ONNX Runtime takes a Dropout for the identity when it optimises a file for predictions,
// whatever its training_mode says: disable that for a file in training form.
package onnx
