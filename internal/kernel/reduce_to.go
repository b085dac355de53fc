package kernel

// ReduceTo sums x of a shape down to the shape `to`, which is aligned with it at
// the right and has the same lengths or 1: the gradient of broadcasting. y may
// not be x.
func ReduceTo[T Float](y, x []T, shape, to []int) {
	sizes, firstSummed := sumAxes(shape, to)
	reduceAxes(y, x, sizes, firstSummed)
}

// sumAxes merges the axes of a sum into sizes that are alternately kept and
// summed; firstSummed says which the first is.
func sumAxes(shape, to []int) (sizes []int, firstSummed bool) {
	sizes = make([]int, 0, len(shape)+1)
	last := false
	for i, n := range shape {
		if n == 1 {
			continue
		}
		j := i - len(shape) + len(to)
		summed := j < 0 || to[j] == 1
		switch {
		case len(sizes) == 0:
			firstSummed = summed
			sizes = append(sizes, n)
		case summed == last:
			sizes[len(sizes)-1] *= n
		default:
			sizes = append(sizes, n)
		}
		last = summed
	}
	return sizes, firstSummed
}

func reduceAxes[T Float](y, x []T, sizes []int, firstSummed bool) {
	switch {
	case len(sizes) == 0:
		y[0] = x[0]
	case len(sizes) == 1 && !firstSummed:
		copy(y, x)
	case len(sizes) == 1:
		SumAxis(y, x, 1, sizes[0], 1)
	case len(sizes) == 2 && firstSummed:
		SumAxis(y, x, 1, sizes[0], sizes[1])
	case len(sizes) == 2:
		SumAxis(y, x, sizes[0], sizes[1], 1)
	case len(sizes) == 3 && firstSummed:
		ChannelSum(y, x, sizes[0], sizes[1], sizes[2])
	case len(sizes) == 3:
		SumAxis(y, x, sizes[0], sizes[1], sizes[2])
	default:
		reduceLast(y, x, sizes, firstSummed)
	}
}

// reduceLast sums the last summed axis and leaves the rest to reduceAxes.
func reduceLast[T Float](y, x []T, sizes []int, firstSummed bool) {
	k := len(sizes) - 1
	if (k%2 == 0) != firstSummed {
		k-- // the last axis is kept
	}
	outer, inner := volume(sizes[:k]), volume(sizes[k+1:])
	part := make([]T, outer*inner)
	SumAxis(part, x, outer, sizes[k], inner)

	// What was on either side of the summed axis is kept, and merges.
	rest := append([]int{}, sizes[:k]...)
	if k+1 < len(sizes) {
		rest[k-1] *= sizes[k+1]
	}
	reduceAxes(y, part, rest, firstSummed)
}

func volume(sizes []int) int {
	n := 1
	for _, s := range sizes {
		n *= s
	}
	return n
}
