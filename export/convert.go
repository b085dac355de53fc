package export

import (
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// converted returns data, a slice, as a slice of to. It converts float32 to
// float64 and back, an integer to another that holds it, and, for a counter,
// an integer to a float. Only floats come in quantities, so the others are not
// hurried.
func converted(data any, to tensor.Dtype, counter bool) (any, error) {
	in := reflect.ValueOf(data)
	from := in.Type().Elem()
	if from == to.Type {
		return data, nil
	}
	switch x := data.(type) {
	case []float32:
		if to == tensor.Float64 {
			return floats[float64](x), nil
		}
	case []float64:
		if to == tensor.Float32 {
			return floats[float32](x), nil
		}
	}
	toFloat := counter && reflect.Zero(to.Type).CanFloat()
	if !isInteger(from) || !isInteger(to.Type) && !toFloat {
		return nil, errors.Errorf("is of %v, want %v", from, to)
	}
	out := reflect.MakeSlice(reflect.SliceOf(to.Type), in.Len(), in.Len())
	for i := range in.Len() {
		v := in.Index(i)
		w := v.Convert(to.Type)
		if !toFloat && (!w.Convert(from).Equal(v) || isNegative(w) != isNegative(v)) {
			return nil, errors.Errorf("has element %v, want what %v can hold", v, to)
		}
		out.Index(i).Set(w)
	}
	return out.Interface(), nil
}

func isInteger(t reflect.Type) bool {
	v := reflect.Zero(t)
	return v.CanInt() || v.CanUint()
}

func isNegative(v reflect.Value) bool { return v.CanInt() && v.Int() < 0 }

func floats[To, From float32 | float64](x []From) []To {
	out := make([]To, len(x))
	for i, v := range x {
		out[i] = To(v)
	}
	return out
}
