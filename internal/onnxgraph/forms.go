package onnxgraph

import "slices"

// What several ops need.

// Batch is the number of samples of the input, a vector of one element.
func (g *Graph) Batch() Value {
	const key = "batch"
	v, ok := g.made[key]
	if !ok {
		v = Value{Name: g.unique("batch")}
		g.Compute(v.Name, "Shape", Attributes{"start": 0, "end": 1}, []Value{v}, g.input)
		g.made[key] = v
	}
	return v
}

// Shape is dims as a vector of type int64.
func (g *Graph) Shape(dims ...Dim) Value {
	n, fixed := Sizes(dims)
	if fixed {
		return g.Ints(n...)
	}
	var parts []Value
	for i := 0; i < len(dims); i++ {
		d := dims[i]
		if d.Batch == 0 {
			from := i
			for i+1 < len(dims) && dims[i+1].Batch == 0 {
				i++
			}
			parts = append(parts, g.Ints(n[from:i+1]...))
			continue
		}
		v := g.Batch()
		if d.Batch != 1 {
			v = g.Do("Mul", v, g.Ints(d.Batch))
		}
		if d.Fixed != 0 {
			v = g.Do("Add", v, g.Ints(d.Fixed))
		}
		parts = append(parts, v)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return g.Node("Concat", Attributes{"axis": 0}, parts...)
}

// Reshape is x in another shape.
func (g *Graph) Reshape(x Value, dims []Dim) Value {
	if x.Dims != nil && slices.Equal(x.Dims, dims) {
		return x
	}
	open := -1
	n, _ := Sizes(dims)
	for i, d := range dims {
		if d.Batch == 0 {
			continue
		}
		if open >= 0 { // two sizes that depend on the batch
			return g.Do("Reshape", x, g.Shape(dims...))
		}
		open, n[i] = i, -1
	}
	return g.Do("Reshape", x, g.Ints(n...))
}

// Ones is a tensor of ones.
func (g *Graph) Ones(dims []Dim) Value {
	return g.Node("ConstantOfShape", Attributes{"value": tensorProto("", g.Float, []int{1}, Raw(g.Float, []float64{1}))}, g.Shape(dims...))
}

// Cast is x in another element type.
func (g *Graph) Cast(x Value, to Type) Value {
	if x.Type == to {
		return x
	}
	y := g.Node("Cast", Attributes{"to": int(to)}, x)
	y.Dims, y.Type = x.Dims, to
	return y
}

// Transpose reorders axes; nil leaves them.
func (g *Graph) Transpose(x Value, axes []int) Value {
	if axes == nil {
		return x
	}
	return g.Node("Transpose", Attributes{"perm": axes}, x)
}

// Unsqueeze adds an axis of length 1.
func (g *Graph) Unsqueeze(x Value, axis int) Value { return g.Do("Unsqueeze", x, g.Ints(axis)) }

// Squeeze takes away an axis of length 1.
func (g *Graph) Squeeze(x Value, axis int) Value { return g.Do("Squeeze", x, g.Ints(axis)) }

// Slice is every step-th index of an axis, from one index to before another.
func (g *Graph) Slice(x Value, axis, from, to, step int) Value {
	return g.Do("Slice", x, g.Ints(from), g.Ints(to), g.Ints(axis), g.Ints(step))
}

// Dropout is a Dropout as in training: what is kept of x is scaled by 1/(1-p), and kept
// says what that is. A file has one switch for all of them, the constant training_mode.
func (g *Graph) Dropout(x Value, p float64) (y, kept Value) {
	const name = "training_mode"
	mode, ok := g.made[name]
	if !ok {
		mode = g.Weight(g.unique(name), Bool, nil, []byte{1})
		g.made[name] = mode
	}
	out := g.Nodes("Dropout", nil, 2, x, g.Scalar(p), mode)
	return out[0], out[1]
}
