// Package nodes provides the differentiable parts of a model: linear maps,
// convolutions, pooling, recurrences, attention, normalisations, activations, losses and
// metrics.
//
// A node is a function from its inputs to its output:
//
//	x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 128))
//
// # Parameters
//
// A function that takes a [graph.Scope] owns parameters, named by the scope's
// path: here fc1.weight and fc1.bias. Using one path twice is an error. Names,
// shapes and initial distributions are PyTorch's.
//
// # Shapes
//
// Images are (N, C, H, W): sample, channel, height, width; the same goes for
// one and three spatial axes. A negative axis counts from the end.
//
// Sequences are (N, T, F): sample, time, feature, as in PyTorch with batch_first; only
// convolutions and pooling want (N, C, L). Where samples differ in length, the shorter
// ones are padded at the end, and a node of lengths (N), such as [SequenceLengths]
// returns, says where: to [Lengths] for a recurrence, to [KeyLengths] for attention.
//
// # Parts that drop
//
// This package draws nothing. A node with a place for dropout inside takes a function, as
// [Between] and [DropWith] do, which it calls with a scope of its own and the values; a
// layer with a weight takes one of that, by [Parametrize]. Package regularize has them.
//
// # Options
//
// What a node cannot do without is an argument, all else an option whose absence
// means PyTorch's default. Which options a node takes is checked at compile time.
//
// # Errors
//
// Nothing here panics or returns an error. The first mistake is kept, and
// [graph.Build] returns it with the path of the node that made it.
package nodes
