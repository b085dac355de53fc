// Package nodes provides the differentiable parts of a model: linear maps,
// convolutions, pooling, normalisations, activations, losses and metrics.
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
