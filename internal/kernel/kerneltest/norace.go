//go:build !race

package kerneltest

// Race says that tests run under the race detector, which makes Go code, though not
// assembly, very slow.
const Race = false
