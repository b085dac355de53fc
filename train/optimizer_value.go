package train

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// elements returns the memory of a value that has the given shape.
func elements[T kernel.Float](v gorgonia.Value, shape tensor.Shape) ([]T, error) {
	if isNil(v) {
		return nil, errors.New("is nil")
	}
	if want := dtypeOf[T](); v.Dtype() != want {
		return nil, errors.Errorf("has type %v, want %v", v.Dtype(), want)
	}
	if !slices.Equal(v.Shape(), shape) {
		return nil, errors.Errorf("has shape %v, want %v", v.Shape(), shape)
	}
	switch v := v.(type) {
	case *gorgonia.F32:
		return any(unsafe.Slice((*float32)(v), 1)).([]T), nil
	case *gorgonia.F64:
		return any(unsafe.Slice((*float64)(v), 1)).([]T), nil
	case *tensor.Dense:
		switch {
		case v.RequiresIterator() || v.DataOrder().IsColMajor():
			return nil, errors.New("is a transposed, strided, column-major or masked tensor, want a row-major contiguous one")
		case !v.IsNativelyAccessible():
			return nil, errors.New("is a tensor in the memory of a device, want one of the CPU")
		case v.Dtype() == tensor.Float32:
			return any(v.Float32s()).([]T), nil
		}
		return any(v.Float64s()).([]T), nil
	}
	return nil, errors.Errorf("is a %T, want a dense tensor or a scalar", v)
}

func dtypeOf[T kernel.Float]() tensor.Dtype {
	if unsafe.Sizeof(T(0)) == 4 {
		return tensor.Float32
	}
	return tensor.Float64
}

// isNil also finds the nil *tensor.Dense that an interface hides.
func isNil(v gorgonia.Value) bool {
	d, ok := v.(*tensor.Dense)
	return v == nil || ok && d == nil
}

// accumulates tells whether p is a node whose gradient grows by every run of a
// TapeMachine. One that is the value of a derivative node does not, and may be
// a constant of the graph.
func accumulates(p gorgonia.ValueGrad) bool {
	n, ok := p.(interface{ Deriv() *gorgonia.Node })
	if !ok {
		return false
	}
	g, err := p.Grad()
	return err == nil && (n.Deriv() == nil || n.Deriv().Value() != g)
}

// nameOf is empty for a parameter without a name.
func nameOf(p gorgonia.ValueGrad) string {
	if n, ok := p.(gorgonia.Namer); ok {
		return n.Name()
	}
	return ""
}

func label(i int, name string) string {
	if name != "" {
		return fmt.Sprintf("parameter %d (%s)", i, name)
	}
	return fmt.Sprintf("parameter %d", i)
}
