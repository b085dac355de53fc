#!/bin/sh
# Makes onnx.pb.go of onnx.proto, by protoc of Debian's protobuf-compiler.
#
# The messages get the package thinnet.onnx: names are global in a Go program, and
# one that has another copy of the schema, in the package onnx, would stop at start-up.
# Nothing of it is in a file.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/thinnet"
sed 's/^package onnx;/package thinnet.onnx;/' onnx.proto >"$tmp/thinnet/onnx.proto"
GOBIN="$tmp" go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
here=github.com/thinnet/thinnet/internal/onnxpb
protoc --plugin="$tmp/protoc-gen-go" -I "$tmp" --go_out=. \
	--go_opt=Mthinnet/onnx.proto=$here --go_opt=module=$here thinnet/onnx.proto
