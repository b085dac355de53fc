package cuda

// A Strided is a tensor under other axes: so many elements lie from one index of each axis
// to the next, 0 where it is broadcast.
type Strided struct {
	Pointer
	Steps []int
}

// stridedAxes are as many axes as kernels take.
const stridedAxes = 4

// Strided launches a kernel for every element of a y of these sizes, row-major, with its
// operands in other orders. The parameters are y, the operands, the number of elements and
// the AXES of strided.h.
func (c *Commands) Strided(kernel string, y Pointer, sizes []int, from ...Strided) {
	sizes, from = mergeAxes(sizes, from)
	if len(sizes) > stridedAxes { // so many are rare: one index of the outermost at a time
		rest := 1
		for _, n := range sizes[1:] {
			rest *= n
		}
		for i := range sizes[0] {
			at := make([]Strided, len(from))
			for k, x := range from {
				at[k] = Strided{x.Add(i * x.Steps[0]), x.Steps[1:]}
			}
			c.Strided(kernel, y.Add(i*rest), sizes[1:], at...)
		}
		return
	}
	n := 1
	for _, size := range sizes {
		n *= size
	}
	if n == 0 {
		return
	}
	args := []any{y}
	for _, x := range from {
		args = append(args, x.Pointer)
	}
	args = append(args, n)
	missing := stridedAxes - len(sizes)
	for k := 1; k < stridedAxes; k++ {
		size := 1
		if k >= missing {
			size = sizes[k-missing]
		}
		args = append(args, Divisor(size), size)
	}
	for _, x := range from {
		for k := range stridedAxes {
			step := 0
			if k >= missing {
				step = x.Steps[k-missing]
			}
			args = append(args, step)
		}
	}
	c.Each(kernel, n, args...)
}

// mergeAxes leaves out axes of one index, and makes one of neighbours that are one to all
// operands.
func mergeAxes(sizes []int, from []Strided) ([]int, []Strided) {
	var merged []int
	out := make([]Strided, len(from))
	for k, x := range from {
		out[k].Pointer = x.Pointer
	}
	for i, n := range sizes {
		if n == 1 {
			continue
		}
		last := len(merged) - 1
		neighbours := last >= 0
		for k := range from {
			neighbours = neighbours && out[k].Steps[last] == n*from[k].Steps[i]
		}
		if neighbours {
			merged[last] *= n
		} else {
			merged = append(merged, n)
			last++
		}
		for k := range from {
			out[k].Steps = append(out[k].Steps[:last], from[k].Steps[i])
		}
	}
	return merged, out
}

// StepsOf returns the steps of a row-major tensor of a shape, aligned at the right with
// axes of which it is broadcast along those where it has one index.
func StepsOf(shape []int, axes int) []int {
	steps := make([]int, axes)
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] != 1 {
			steps[axes-len(shape)+i] = step
		}
		step *= shape[i]
	}
	return steps
}

// tile is the side of the squares in which a matrix is transposed.
const tile = 32

// Permute launches what makes axis i of y axis axes[i] of an x of a shape.
func (c *Commands) Permute(y, x Pointer, shape, axes []int) {
	of := StepsOf(shape, len(shape))
	sizes, steps := make([]int, len(axes)), make([]int, len(axes))
	for i, axis := range axes {
		sizes[i], steps[i] = shape[axis], of[axis]
	}
	merged, from := mergeAxes(sizes, []Strided{{x, steps}})
	if len(merged) == 2 { // of one matrix
		merged, from[0].Steps = append([]int{1}, merged...), append([]int{merged[0] * merged[1]}, from[0].Steps...)
	}
	if s := from[0].Steps; len(merged) == 3 && s[1] == 1 && s[2] == merged[1] && s[0] == merged[1]*merged[2] {
		rows, columns := merged[2], merged[1]
		down, across := (rows+tile-1)/tile, (columns+tile-1)/tile
		c.Launch("transpose_tiles", [3]int{merged[0] * down * across, 1, 1}, [3]int{tile, 8, 1}, y, x, rows, columns, down, across)
		return
	}
	c.Strided("gather", y, sizes, Strided{x, steps})
}
