package recurrent

// PackedSize is the number of elements of the recurrent weights as Pack leaves them.
func PackedSize[T Float](l Layer) int {
	size := 0
	for b := range l.blocks() {
		lo, hi := l.block(b)
		size += packedBlock[T](l, hi-lo)
	}
	return size
}

// packedBlock is the size of a block: the matrix, and a bias for each column.
func packedBlock[T Float](l Layer, units int) int {
	n := l.Gates() * units
	return (packedSize[T](n, l.Hidden) + n + 15) / 16 * 16 // of whole cache lines
}

// packedAt returns block b: the matrix and the biases.
func packedAt[T Float](l Layer, packed []T, b int) (matrix, bias []T) {
	lo, hi := l.block(b)
	// All blocks before are as large as the first.
	packed = packed[b*packedBlock[T](l, l.units()):][:packedBlock[T](l, hi-lo)]
	n := l.Gates() * (hi - lo)
	end := packedSize[T](n, l.Hidden)
	return packed[:end], packed[end:][:n]
}

// Pack brings the recurrent weight (gates·H, H) and its bias, which may be nil, into
// the order in which Run uses them: the columns of all gates of a block of units
// side by side.
func Pack[T Float](l Layer, packed, weight, bias []T) {
	h := l.Hidden
	m := borrow[T, forWeights](l.Gates() * l.units() * h)
	defer m.giveBack()
	for b := range l.blocks() {
		lo, hi := l.block(b)
		matrix, biases := packedAt(l, packed, b)
		rows, units := m.numbers, hi-lo
		clear(biases)
		for g := range l.Gates() {
			copy(rows[g*units*h:][:units*h], weight[(g*h+lo)*h:])
			if bias != nil {
				copy(biases[g*units:][:units], bias[g*h+lo:])
			}
		}
		pack(matrix, rows, l.Gates()*units, h, h, true)
	}
}
