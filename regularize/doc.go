// Package regularize keeps a model from learning its training data by heart:
// nodes that drop values at random, penalties on weights, and bounds for them.
//
//	x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 1024))
//	x = regularize.Dropout(s.In("drop1"), x, 0.5)
//	regularize.MaxNorm(s, 3)
//
// # Which, where, and how much
//
// Rates to start from; measure from there, with 0 among the candidates.
//
//	place                            node              p
//	after a hidden dense layer       Dropout           0.5
//	before the output layer          Dropout           0.2 to 0.5
//	on the input                     Dropout           0.2; for small images 0.1
//	after pooling, before a conv     Dropout           0.1 to 0.25
//	after a conv and its activation  SpatialDropout2D  0.1 to 0.3
//
// A node goes after the activation, and never on the outputs that a loss reads.
// Neighbours in a feature map say nearly the same, so a convolution gets round
// what [Dropout] takes from it: between convolutions drop whole maps. Wide
// residual networks nevertheless gain from plain dropout between the two
// convolutions of a block, with p = 0.3 on CIFAR
// (https://arxiv.org/abs/1605.07146), so try both.
//
// Much in the head and a little everywhere are different treatments: their rates
// cannot be compared.
//
// # What is drawn for what
//
// The members differ in what a draw is for and in what shares it. For elements there
// is [Dropout]; for the maps of each sample [SpatialDropout2D], and for those of the
// whole batch [ChannelDropout]; for blocks of neighbours [DropBlock2D]; for the
// features of a sequence, at all of its steps, [LockedDropout]; for branches
// [StochasticDepth]; for weights [DropConnect]. docs/dropout.md has the table of all
// members: one draw for each what, shared by what, with which scale, and what
// evaluation does; their names in PyTorch, Keras and MATLAB; places and papers.
//
// # The meaning of p
//
// p is always the probability to drop. Papers and other tools may print the
// probability to keep under the same letter; a setting where 1 means no dropout
// is one of those, and p is 1 minus it: [Keep].
//
//   - In the usual form what is kept is multiplied by 1/(1-p) in training, and
//     evaluation is the identity. The factor is 2 for p = 0.5 only; for p = 0.2 it is
//     1.25. Some members have another scale, or none; their documentation says so.
//   - Each value is dropped or not by itself. Of 5 values, p = 0.2 drops one on
//     average: none at all in 33 of 100 draws, two or more in 26.
//   - The expected sum stays what it was, and the sum of one draw doesn't.
//   - With p = 0 training is, bit for bit, that of the model without the node, with
//     a [Schedule] too if its rates start at 0. Only [WeightedChannelDropout] still does
//     something, as it selects channels, and a [RateFunc], whose rates are its own.
//
// # Modes
//
// The mode of a program decides, not a flag: dropout draws in [graph.Train] and
// in [graph.MonteCarlo], where all else is as in [graph.Eval]. In evaluation most
// members cost nothing, as they are not there. These take the mean over their draws
// instead, or something near to it: the [Classic] form, [Swapout], [MaxPoolDropout2D],
// [StochasticPool2D], and [DropConnectLinear] with [GaussianMean] or [GaussianReLU].
//
// # Randomness
//
// A mask is a function of the seed of the model, the path of the scope, the step,
// and the position of the element. So every sample of a batch has a mask of its
// own, and every step draws anew. To rename a scope is to draw other masks.
//
// # Before batch norm
//
// Dropout changes the variance in training alone: values of mean 0 leave it with
// the variance divided by 1-p. A batch norm that reads them stores that, and its
// output in evaluation has a variance of 1-p instead of 1. Dropout of the weights that
// lead to the norm does just the same. So the order is
// convolution, norm, activation, dropout, next convolution; and to be strict,
// dropout belongs after the last norm of a model. See Li et al., Understanding
// the Disharmony between Dropout and Batch Normalization by Variance Shift,
// https://arxiv.org/abs/1801.05134. [graph.Model.Summary] warns of it, and of
// [Dropout] just after a convolution; train.RecalibrateBatchNorm is the repair after
// training.
//
// # What is often confused
//
//   - Dropout removes values, and with one of them all connections that lead from
//     it. To remove single connections is [DropConnect], another method.
//   - Dropout of a feature map's pixels and of whole maps are two methods. What
//     libraries call dropout is the first, for images and for sequences too: pixels
//     and time steps draw independently. The second is SpatialDropout.
//   - A map comes from one filter, and a filter from no single neuron.
//   - The sequence (N, T, F) has its features last: [SpatialDropout1D] wants
//     (N, C, L) and would drop time steps. There it is [LockedDropout].
//   - MATLAB's manual says that each channel of an image and each time step of a
//     sequence has a mask of its own. That is [Dropout], of single elements: neither
//     whole channels nor whole steps are dropped.
//   - Gaussian dropout multiplies by noise whose variance is p/(1-p), not p·(1-p), and
//     Gaussian noise is added: [GaussianDropout], [GaussianNoise].
//   - "Drop connect" in some code for EfficientNet is [StochasticDepth].
//   - A training loss with dropout isn't comparable to that of an evaluation: the
//     network that computes it lacks parts, and so it is usually the higher one.
//
// # Penalties and bounds
//
// [ActivationL2] and [TemporalActivationL2] add to the training loss for an
// activation, and for its changes in time: for recurrent layers, mostly. [L1],
// [L2] and [OrthogonalPenalty] add to it for weights, and [MaxNorm] and [UnitNorm]
// project after each update: these cover the weights at or under a scope, those of
// later layers too, and no biases or norms. None of them is there in evaluation.
package regularize
