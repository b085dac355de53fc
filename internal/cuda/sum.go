package cuda

// What a sum is cut into: as many parts as keep the largest devices busy, but of no fewer
// elements than are worth it. Parts are added in order, so the sum is the same in every run.
const (
	busyBlocks    = 1024
	leastOfRow    = 2048 // of neighbours, which a block adds up
	leastOfColumn = 64   // which a thread adds up
)

// Sum launches what computes y[o,i] = Σ_j x[o,j,i] / by for x of shape (outer, n, inner).
func (c *Commands) Sum(y, x Pointer, outer, n, inner int, by float32) {
	least, blocks := leastOfRow, outer
	if inner > 1 {
		least, blocks = leastOfColumn, (outer*inner+Block-1)/Block
	}
	parts := max(1, min(busyBlocks/max(1, blocks), n/least))
	share := (n + parts - 1) / parts
	parts = max(1, (n+max(1, share)-1)/max(1, share))
	to, over := y, by
	if parts > 1 {
		to, over = c.Scratch(outer*parts*inner), 1
	}
	if inner > 1 {
		total := outer * parts * inner
		c.Each("sum_columns", total, to, x, over, total, n, Divisor(inner), inner, Divisor(parts), parts, share)
	} else {
		c.Blocks("sum_rows", outer*parts, Threads(share, 8), to, x, over, n, parts, share)
	}
	if parts > 1 {
		c.Sum(y, to, outer, parts, inner, by)
	}
}

// SumTo launches what sums x of a shape down to the shape `to`, which is aligned with it at
// the right and has the same sizes or 1.
func (c *Commands) SumTo(y, x Pointer, shape, to []int) {
	var sizes []int // of axes that are kept and summed in turn
	var summed []bool
	for i, n := range shape {
		j := i - len(shape) + len(to)
		gone := j < 0 || to[j] == 1
		switch last := len(sizes) - 1; {
		case n == 1:
		case last >= 0 && summed[last] == gone:
			sizes[last] *= n
		default:
			sizes, summed = append(sizes, n), append(summed, gone)
		}
	}
	c.sumAxes(y, x, sizes, summed)
}

// sumAxes sums the last summed axis first, and then the others.
func (c *Commands) sumAxes(y, x Pointer, sizes []int, summed []bool) {
	volume := func(sizes []int) int {
		n := 1
		for _, s := range sizes {
			n *= s
		}
		return n
	}
	k := len(sizes) - 1
	for k >= 0 && !summed[k] {
		k--
	}
	if k < 0 {
		c.Copy(y, x, 4*volume(sizes))
		return
	}
	outer, inner := volume(sizes[:k]), volume(sizes[k+1:])
	if k < 2 { // no other one is summed
		c.Sum(y, x, outer, sizes[k], inner, 1)
		return
	}
	part := c.Scratch(outer * inner)
	c.Sum(part, x, outer, sizes[k], inner, 1)
	// What was on either side of the summed axis is kept, and merges.
	rest := append([]int{}, sizes[:k]...)
	rest[k-1] *= inner
	c.sumAxes(y, part, rest, summed[:k])
}
