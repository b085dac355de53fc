//go:build !amd64 || noasm

package pool

import "runtime"

// pause lets other goroutines run while a loop waits for one.
func pause() { runtime.Gosched() }
