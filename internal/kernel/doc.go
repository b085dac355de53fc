// Package kernel holds the loops under the operations: matrix products,
// convolutions, pooling, normalisation, softmax, losses, masks, element-wise
// arithmetic and reductions, over slices of float32 or float64 on the CPU.
//
// # Arguments
//
// Slices are contiguous and row-major, the destination comes first, and sizes are
// ints or a geometry such as [Conv]. Nothing is checked here: callers check, and
// a slice that is too short panics with an index out of range. Unless a function
// says otherwise it writes every element of its destination, which overlaps none
// of its sources.
//
// A ReLU leaves NaN as it is. Of a -0 it makes a zero of either sign.
//
// # The same bits everywhere
//
// Work is split by [pool.Run] into chunks that depend on the sizes alone, each
// chunk writes memory of its own, and partial sums are added in a fixed order. So
// the number of CPUs changes how long a kernel takes and nothing else.
//
// # Speed
//
// In float32 the packages below this one do the work, by assembly where the machine
// has it:
//
//	gemm       matrix products
//	convlast   convolutions of memory with the channels innermost
//	winograd   those with small filters, by fewer products
//	channels   normalisation and pooling of such memory
//	vec        what goes through memory once: element-wise arithmetic, masks, sums
//	tile       a block of a matrix product in registers, for gemm and convolutions
//	depthwise  the same for convolutions of single channels
//	scratch    working memory, used again
//	pool       the goroutines that share the work
//	cpu        which instructions there are
//
// Float64, and convolutions of memory with the channels outermost, are cut into
// tiles that fit the first-level cache and end in three vector loops taken from
// gonum's assembly; see vectors. Working memory is kept and used again, so a call
// allocates next to nothing once it has run.
package kernel
