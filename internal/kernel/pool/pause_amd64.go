//go:build amd64 && !noasm

package pool

// pause tells the processor that a loop waits for another core.
func pause()
