// Package cuda computes on NVIDIA devices by the driver alone: it opens libcuda.so.1 at run
// time, without cgo and without the CUDA toolkit, and compiles the kernels embedded in it.
//
// A program is recorded once, as [Commands] over fixed addresses, and then run any number
// of times.
package cuda

// A Pointer is an address in the memory of a device.
type Pointer uint64

// Add returns the address so many elements of 4 bytes further on.
func (p Pointer) Add(elements int) Pointer { return p + Pointer(4*elements) }

// A Type is that of the elements of a value.
type Type uint8

const (
	Float32 Type = iota
	Int64
)

// Size returns the bytes of an element.
func (t Type) Size() int {
	if t == Int64 {
		return 8
	}
	return 4
}

// A Value is a tensor in the memory of a device: row-major, without gaps.
type Value struct {
	Pointer
	Shape []int
	Type  Type
}

// Len returns the number of elements.
func (v Value) Len() int {
	n := 1
	for _, d := range v.Shape {
		n *= d
	}
	return n
}

// Bytes returns the size of the value in memory.
func (v Value) Bytes() int { return v.Len() * v.Type.Size() }
