// Package train trains models: data sets, augmentation, optimisers, learning
// rates, the training loop, evaluation and prediction.
//
//	data := train.Digits(8000, 1)
//	training, validation, err := train.Split(data, 0.9, 1)
//	...
//	history, err := train.Fit(ctx, m, training, nodes.CrossEntropy(), train.Adam(1e-3),
//		train.Epochs(5), train.Validation(validation), train.Metrics(nodes.Accuracy()))
//
// # Data
//
// A [Dataset] is an indexed collection: tensors at hand ([Tensors]), files
// ([OpenMNIST], [OpenIDX], [OpenCIFAR10], [OpenImageFolder], [OpenCSV], [OpenTS],
// [OpenNPY], [OpenNPZ]), or the digits drawn from the Go fonts ([Digits]). A
// [Loader] shuffles, batches and augments it, ahead of the consumer. [Map] puts a
// data set under transforms that hold for validation and prediction as well. [Split] and
// [KFold] cut data into parts and [Concat] joins it; a loader may draw from it by
// [WeightedSampling], [BalancedClasses] or [MixedBatches]. [ClassWeights] is for losses.
//
// # Callbacks and checkpoints
//
// A [Callback] is told of every event of a run: [EarlyStopping] is one, [OnStep] and
// [OnEpoch] make one of a function. [EMA] and [SWA] average weights. [Checkpoints] save a
// run, and take it up where it was cut off. [Accumulate] makes steps of several batches,
// and [FindLR] tries learning rates beforehand. [LogCSV], [LogJSONLines] and [TensorBoard]
// keep logs, [Dashboard] serves a live page, and [Inspect] measures gradients.
//
// # Comparisons
//
// [Compare] trains variants of a model with several seeds under equal conditions, on
// one set of data or on the folds of a cross-validation, and goes on where it was cut
// off; its [Comparison] has the table, the CSV and the curves.
//
// # Optimisers and schedules
//
// [SGD], [Adam], [AdamW], [RMSProp] and [Adagrad] follow PyTorch's update rules
// and defaults; each is also a solver for plain Gorgonia programs. A [Group] of
// parameters has a rate of its own, and [Freeze] keeps some as they are. A [Schedule]
// is a pure function of the progress of training.
//
// # Repeatability
//
// Order, augmentation and masks are functions of a seed and of the place in the
// run, never of the clock or of the number of processors: two runs with one
// seed end with the same bits, on processors with the same instructions. AVX-512,
// AVX2 and plain Go round differently; the environment variable THINNET_KERNEL, as
// avx2 or go, asks for less than the processor has, so that two machines agree.
package train
