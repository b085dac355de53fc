// Package onnxpb has the messages of ONNX files, generated from onnx.proto: the schema
// of ONNX 1.12, for IR version 8 and opset 17, as its project publishes it.
package onnxpb

//go:generate sh generate.sh
