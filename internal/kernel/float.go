package kernel

// Float is the element types the kernels are written for.
type Float interface{ ~float32 | ~float64 }
