package graph

// A program computes what its graph says, and is free in how. Ops offer other
// ways by the interfaces below; each of these is a promise about values alone, and
// the op that takes part is an [Op] like any other.

// An Absorber can take over the work of the op that one of its inputs comes from,
// as a ReLU that is computed where a convolution writes its output.
type Absorber interface {
	Op
	// Absorb returns the op that computes the same with input i replaced, in its
	// place, by the inputs of the op that made it. It returns false if there is
	// no such op. Where several ops read what by made, it is handed to all of them
	// or to none; each then computes it, so this is not done with a [Counter].
	// Errors and profiles give the op that takes over its first input the name of
	// the layer that it took over.
	Absorb(i int, by Op) (Op, bool)
}

// A Masking op is its first input times its second one, broadcast, whose elements
// are not negative and which has no gradient; where one is 0 the output is 0, even
// for NaN. So a node function may have the factors applied by another op, as a
// pooling does of those of a dropout before it.
type Masking interface {
	Op
	// MasksFirstInput does nothing: that it is there says that the op is such a one.
	MasksFirstInput()
}

// A Noisy op draws, and so its output has another variance in training than what takes
// its place in predictions, as with dropout. A norm that finds one before it, by
// [Node.Made], knows that its statistics will not fit predictions.
type Noisy interface {
	Op
	// ShiftsVariance says whether the variance is another one indeed, which may depend
	// on attributes.
	ShiftsVariance() bool
}

// A ChannelsLast op can compute on memory in which the channels of (N, C, ...) lie
// innermost, as (N, ..., C). Shapes stay (N, C, ...) all the same. A program asks
// for element type float32 alone.
type ChannelsLast interface {
	Op
	// ChannelsLast returns how, for inputs of the given shapes. Without an op
	// there is no such way. Inputs of a shape for which both orders are the same, of
	// less than three axes, one channel or one position, count as both.
	ChannelsLast(in ...Shape) LastLayout
}

// A LastLayout is an op that computes on channels-last memory.
type LastLayout struct {
	Op  Op     // what to run
	In  []bool // for each input, whether it is taken channels-last
	Out bool   // whether its output is
	// Follow is set where the order makes no difference to the op: then it takes
	// what its inputs are in already.
	Follow bool
}

// A Splitter is computed in several steps, of which those that depend on weights
// alone are taken once for all predictions between two changes of the weights:
// packing them for a matrix product, folding a normalisation into them. A program
// asks the op that it runs, which is that of a [LastLayout] where there is one.
type Splitter interface {
	Op
	// Split returns the steps, the last of which makes the output; none if the op
	// is best computed as it is. fixed says that the weights stay as they are over
	// many runs, as in predictions.
	Split(fixed bool, in ...Shape) []Part
}

// A Part is a step of a [Splitter]. It names its inputs by number: the op's own
// come first, then the outputs of the steps before, which have the element type of
// the op's output.
type Part struct {
	Op Op
	In []int
}
