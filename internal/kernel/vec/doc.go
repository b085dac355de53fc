// Package vec holds the loops of the kernels that go through memory once and are
// limited by it: element-wise arithmetic, activations, masks, sums, transpositions
// and the updates of the optimisers.
//
// Every function handles its whole arguments on the caller's goroutine; package
// kernel divides the work. It is written in Go for both element types, and in
// assembly for float32 and the levels of package cpu. The Go version is the
// reference: where a function says nothing else, all levels give its bits on amd64. Go
// fuses a product with a sum on other machines, and on amd64 if it is built for
// GOAMD64=v3.
//
// Nothing is checked here but the lengths of slices, which may be longer than the
// first one and not shorter. Outputs may be inputs unless a function says
// otherwise.
package vec

//go:generate go run -C ../_asm ./vec -out ../vec/vec_amd64.s -stubs ../vec/stubs_amd64.go -pkg vec -chosen ../vec/loops_amd64.go -plain ../vec/loops_other.go
