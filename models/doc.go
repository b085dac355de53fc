// Package models holds ready architectures: functions that return a model
// function for [graph.Build].
//
//	m, err := graph.Build(models.ClassicCNN(10), graph.Shape{64, 1, 28, 28}, graph.Seed(1))
//
// The shape given to Build decides the number of channels and the size of the
// images. Models return logits, of shape (N, classes) if they are no language models,
// for a loss such as nodes.CrossEntropy.
//
// # A place for regularisers
//
// Where a model drops, any other function of the same shape may stand: [DropWith]
// and, for feature maps in models that drop in dense layers too, [MapDropWith] put
// it there. So one model can be compared under all of package regularize. A model
// without dropout of its own has places too, where it would go.
//
// # Options
//
// What can be chosen is an option, whose absence means the value in the model's
// description. Which options a model takes is checked at compile time; their
// values are checked by Build, which names the layer at fault.
//
// # Names
//
// The names of parameters and state are those that a PyTorch module with the same
// attributes has in its state_dict. So weights go both ways by name.
package models
