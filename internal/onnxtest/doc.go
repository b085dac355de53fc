// Package onnxtest runs ONNX files for tests, by ONNX Runtime, and has them checked by
// ONNX's own checker.
//
// ONNX Runtime is the npm package onnxruntime-node in the folder that THINNET_ONNXRUNTIME
// names, run by node; the checker is the Python package onnx of the Python that
// THINNET_PYTHON names. Where a variable is not set the test is skipped.
package onnxtest
