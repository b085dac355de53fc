// Package channels holds the float32 loops of normalisation and pooling. They do
// little arithmetic, so each is one pass over memory.
//
// The main case is memory with the channels innermost: a matrix with a row for
// each position of each sample and a column for each channel. A statistic, a
// weight or a maximum is then a vector along the row, and no loop needs to know
// where an image ends. Where positions lie innermost, or in layer norm, statistics
// belong to rows.
//
// A matrix with few columns is read as one with more: 5 channels at 16 positions
// are a row of 80, whose parameters repeat every 5 columns and whose sums are
// folded to 5 in the end. So the vectors of the machine are full for any number of
// channels.
//
// Kernels exist for AVX-512, for AVX2 and in Go. They split their work into chunks
// that depend on sizes alone, and merge partial sums in order and in float64, so
// that results have the same bits on any number of threads.
package channels

//go:generate go run -C ../_asm ./channels -out ../channels/channels_amd64.s -stubs ../channels/channels_amd64.go -pkg channels
