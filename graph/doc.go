// Package graph declares models as symbolic graphs and runs them.
//
// A model is a function that declares nodes:
//
//	func net(s *graph.Scope, x *graph.Node) *graph.Node {
//		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 128))
//		return nodes.Linear(s.In("fc2"), x, 10)
//	}
//
//	m, err := graph.Build(net, graph.Shape{64, 784}, graph.Seed(1))
//
// # Paths
//
// A [Scope] is a path. The path names parameters (fc1.weight), running
// statistics, streams of randomness and errors. Declaring one path twice is an
// error.
//
// # Programs
//
// The model function is kept. For every batch size and [Mode] it is run once
// more, over the same parameters, into a [gorgonia.ExprGraph]; gradients come
// from [gorgonia.Grad]; the graph is compiled to a program that places all its
// buffers in one arena. So the last short batch of an epoch, a single
// prediction, and predictions from several goroutines at once all work, and
// evaluation is not a flag on a node but a program of its own.
//
// A program is free in how it computes what the graph says. In float32 it puts
// channels innermost in memory where ops are faster so, and merges neighbours, as a
// convolution, its normalisation and a ReLU; for predictions it keeps packed weights
// until the weights change, which is why they should be written to within
// [Model.Exclusively]. Shapes and results do not show it. Ops of your own may take
// part, as an [Absorber], [ChannelsLast], [Splitter] or [Counter]. [SetThreads] says
// how many threads compute, [Model.Profile] and [Trainer.Profile] what each
// operation costs.
//
// Importing this package also gives Gorgonia's own float32 matrix products
// ([gorgonia.Mul]) our kernel, on any of its machines, unless another BLAS was
// chosen before. [gorgonia.Use] chooses one later.
//
// # Randomness
//
// A random number is a function of (seed, path, step, element), by
// Philox4x32-10, or for normal noise Philox4x32-7: there is no generator whose
// state could differ between the forward and the backward pass, between one
// thread and many, or before and after a resume.
//
// # Errors
//
// Nothing here panics. While a model is being declared, the first mistake is
// kept, later nodes are inert, and [Build] returns it with the path of its node;
// printed with %+v it also shows the line of the model at fault.
package graph
