package kernel

// single returns x as float32 numbers, or nil if it is of another type. It goes by
// way of a pointer, which an interface can hold without an allocation.
func single[T Float](x []T) []float32 {
	if p, ok := any(&x).(*[]float32); ok {
		return *p
	}
	return nil
}
