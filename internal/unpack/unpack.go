// Package unpack bounds what compressed files may unpack to. Deflate can make a
// thousand bytes of one, and a small file could fill the memory.
package unpack

import "github.com/pkg/errors"

// Data of measurements and of images unpack to some ten times their size, text with
// much repetition to a hundred. What is small anyway may be anything.
const (
	ratio = 200
	slack = 64 << 20
)

// Check reports what has unpacked, or promises to unpack, to more bytes than a file
// of that size may.
func Check(unpacked, packed uint64) error {
	// Written this way round, no sum overflows.
	if unpacked > slack && (unpacked-slack-1)/ratio >= packed {
		return errors.Errorf("unpacks to %d bytes or more from %d, want at most %d and %d times as many; "+
			"if it is no decompression bomb, store it uncompressed", unpacked, packed, uint64(slack), ratio)
	}
	return nil
}
