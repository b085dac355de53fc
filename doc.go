// Package thinnet is the root of a deep-learning framework for Go: models are
// symbolic graphs over Gorgonia, and dropout, spatial dropout, batch
// normalisation and their family are nodes of them.
//
//   - [github.com/thinnet/thinnet/graph] declares and runs graphs.
//   - [github.com/thinnet/thinnet/nodes] has layers, activations, losses and metrics.
//   - [github.com/thinnet/thinnet/regularize] has dropout, penalties and constraints.
//   - [github.com/thinnet/thinnet/models] has ready architectures.
//   - [github.com/thinnet/thinnet/train] has data sets, optimisers and the training loop.
//   - [github.com/thinnet/thinnet/export] reads and writes weights.
//   - [github.com/thinnet/thinnet/onnx] writes models as ONNX files.
//
// This package holds no code but the tests that look at the whole.
package thinnet
