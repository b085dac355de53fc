// Package kernels holds what runs on NVIDIA devices: the sources, in CUDA C, and the PTX
// that clang made of them.
package kernels

import "embed"

//go:generate ./build.sh

// PTX is every module, for the driver to compile.
//
//go:embed *.ptx
var PTX embed.FS
