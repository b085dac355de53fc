package kernel

// elementGrain is the number of elements that a chunk of [pool.Run] handles. At a
// tenth of a nanosecond each, or one in Go, that takes longer than handing it to
// another core, and 16Ki float32 fit a level-2 cache three times over.
const elementGrain = 1 << 14

// rowGrain is the number of rows of a width that make up a chunk.
func rowGrain(width int) int { return max(1, elementGrain/max(1, width)) }
