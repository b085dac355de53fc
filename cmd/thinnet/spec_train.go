package main

import (
	"math"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// training is how a model is trained.
type training struct {
	Epochs    int       `key:"epochs" default:"5" in:"[1,1e6]" doc:"passes over the training data"`
	Batch     int       `key:"batch" default:"64" in:"[1,1e6]" doc:"samples of a step"`
	Optimiser optimiser `key:"optimiser" default:"Adam" doc:"how weights are updated"`
	Schedule  schedule  `key:"schedule" default:"Constant" doc:"how the learning rate changes"`
	Seed      uint64    `key:"seed" default:"1" doc:"of the weights, the masks, the order of the samples and the split"`
	Threads   int       `key:"threads" in:"[1,1024]" absent:"one a processor" doc:"threads that compute"`
	Device    string    `key:"device" default:"cpu" doc:"what computes: cpu, cuda, cuda:N, or auto, which is CUDA where there is a device"`

	LabelSmoothing float64      `key:"label_smoothing" default:"0" in:"[0,1)" doc:"part of each target that goes to all classes alike"`
	ClassWeights   classWeights `key:"class_weights" doc:"of the loss"`
	Balanced       bool         `key:"balanced_classes" doc:"draw samples so that all classes are equally frequent"`
	Accumulate     int          `key:"accumulate" default:"1" in:"[1,1e6]" doc:"batches of a step, of which one is in memory at a time"`
	DropLast       bool         `key:"drop_last" doc:"leave out the last batch of an epoch if it is short"`
	TopK           []int        `key:"top_k" in:"[1,1e6]" doc:"further metrics: the class is among the k that are most likely"`
	SkipNonFinite  int          `key:"skip_non_finite" default:"0" in:"[0,1e9]" doc:"how many steps whose loss or gradients are NaN or infinite are left out before it is an error"`
	Freeze         []string     `key:"freeze" doc:"patterns of parameters that stay as they are, such as conv1.*"`

	EMA           *ema           `key:"ema" doc:"validate, and end with, an exponential moving average of the parameters"`
	SWA           *swa           `key:"swa" doc:"end with the mean of the parameters after each of the last epochs; there is no best.safetensors then"`
	Weights       config.Path    `key:"weights" doc:"safetensors, NPZ or .pt file to start from; where its names differ is an error"`
	Watch         string         `key:"watch" default:"loss" of:"loss|accuracy" doc:"what is best: of the validation data, or without any of the training data"`
	EarlyStopping *earlyStopping `key:"early_stopping" doc:"stop when nothing has become better, with the weights of the best epoch"`
	Checkpoints   checkpoints    `key:"checkpoints" doc:"when all is saved that is needed to go on"`
}

type earlyStopping struct {
	Patience int     `key:"patience" default:"5" in:"[1,1e6]" doc:"epochs in a row that are not better"`
	MinDelta float64 `key:"min_delta" default:"0" in:"[0,inf)" doc:"by how much an epoch must be better"`
}

type checkpoints struct {
	EveryEpochs   int           `key:"every_epochs" in:"[1,1e6]" absent:"1, unless another says when" doc:"epochs"`
	EverySteps    int           `key:"every_steps" in:"[1,1e9]" doc:"steps"`
	EveryInterval time.Duration `key:"every_interval" doc:"time"`
	KeepLast      int           `key:"keep_last" default:"2" in:"[1,1e6]" doc:"how many of the newest are kept"`
	KeepBest      int           `key:"keep_best" in:"[1,1e6]" doc:"how many of the best are kept too"`
}

type ema struct {
	Decay  float64 `key:"decay" default:"0.999" in:"[0,1)" doc:"part of the mean that stays at a step"`
	WarmUp bool    `key:"warm_up" doc:"a smaller decay in the first steps"`
}

type swa struct {
	First  int      `key:"first" need:"yes" in:"[1,1e6]" doc:"number of the first epoch that counts"`
	LR     *float64 `key:"lr" in:"[0,inf)" absent:"that of the schedule" doc:"learning rate from then on; the schedule ends before"`
	Anneal int      `key:"anneal_epochs" default:"0" in:"[0,1e6]" doc:"epochs in which the rate comes to that"`
}

func (t *training) check(tree *config.Node) error {
	if _, err := graph.ParseDevice(t.Device); err != nil {
		return config.Errorf(tree.Place("train.device"), "%v", err)
	}
	o, err := t.Optimiser.make()
	if err == nil {
		err = o.Err()
	}
	if err != nil {
		return config.Errorf(t.Optimiser.At, "%v", err)
	}
	if s := t.SWA; s != nil {
		switch {
		case t.EMA != nil:
			return config.Errorf(tree.Place("train.swa"), "ema and swa both average the parameters, want one")
		case s.First > t.Epochs:
			return config.Errorf(tree.Place("train.swa.first"), "first is %d, want at most epochs, which is %d", s.First, t.Epochs)
		case s.First == 1 && s.LR != nil:
			return config.Errorf(tree.Place("train.swa.lr"), "lr is given for all epochs, want it as that of the optimiser, or first above 1")
		}
	}
	if s := t.Schedule.Spec.(scheduler); s.warmup().Epochs >= t.scheduled() {
		return config.Errorf(tree.Place("train.schedule.warmup_epochs"), "warmup_epochs is %d, want less than the epochs of the schedule, which are %d", s.warmup().Epochs, t.scheduled())
	}
	return nil
}

// scheduled is the number of epochs that the schedule is for.
func (t *training) scheduled() int {
	if t.SWA != nil && t.SWA.LR != nil {
		return t.SWA.First - 1
	}
	return t.Epochs
}

// measure is what watch says.
func (t *training) measure() train.Measure {
	if t.Watch == "accuracy" {
		return train.Highest("accuracy")
	}
	return train.Lowest("loss")
}

// metrics are new for each run.
func (t *training) metrics() []nodes.Metric {
	ms := []nodes.Metric{nodes.Accuracy()}
	for _, k := range t.TopK {
		ms = append(ms, nodes.TopK(k))
	}
	return ms
}

// loss is that of training.
func (t *training) loss(ds train.Dataset, classes int) (graph.Loss, error) {
	opts := []nodes.CrossEntropyOption{nodes.LabelSmoothing(t.LabelSmoothing)}
	switch {
	case t.ClassWeights.balanced:
		w, err := train.ClassWeights(ds, classes)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nodes.ClassWeights(w...))
	case len(t.ClassWeights.values) > 0:
		if n := len(t.ClassWeights.values); n != classes {
			return nil, config.Errorf(t.ClassWeights.at, "class_weights has %d numbers, want %d, one for each class", n, classes)
		}
		opts = append(opts, nodes.ClassWeights(t.ClassWeights.values...))
	}
	return nodes.CrossEntropy(opts...), nil
}

// stepOptions are those of Fit that say how a step is made.
func (t *training) stepOptions(e *experiment) []train.FitOption {
	loading := e.common.options(e.classes)
	if t.DropLast {
		loading = append(loading, train.DropLast())
	}
	if t.Balanced {
		loading = append(loading, train.BalancedClasses(e.classes))
	}
	return []train.FitOption{train.BatchSize(t.Batch), train.Accumulate(t.Accumulate), train.Loading(loading...), train.Freeze(t.Freeze...)}
}

// options are those of Fit that are the same for train and compare.
func (t *training) options(e *experiment) []train.FitOption {
	opts := append(t.stepOptions(e), train.Epochs(t.Epochs), train.Metrics(t.metrics()...),
		train.WithSchedule(t.Schedule.make(t, e.stepsPerEpoch())))
	if e.validation != nil {
		opts = append(opts, train.Validation(e.validation))
	}
	if t.SkipNonFinite > 0 {
		opts = append(opts, train.SkipNonFinite(t.SkipNonFinite))
	}
	if s := t.EarlyStopping; s != nil {
		how := []train.EarlyStoppingOption{train.MinDelta(s.MinDelta), train.Watch(t.measure())}
		if t.SWA != nil {
			how = append(how, train.LastWeights())
		}
		opts = append(opts, train.Callbacks(train.EarlyStopping(s.Patience, how...)))
	}
	switch {
	case t.EMA != nil && t.EMA.WarmUp:
		opts = append(opts, train.Callbacks(train.EMA(t.EMA.Decay, train.WarmUpDecay())))
	case t.EMA != nil:
		opts = append(opts, train.Callbacks(train.EMA(t.EMA.Decay)))
	case t.SWA != nil:
		opts = append(opts, train.Callbacks(train.SWA(t.SWA.First)))
	}
	return opts
}

func (c *checkpoints) options(by train.Measure) []train.CheckpointOption {
	opts := []train.CheckpointOption{train.KeepLast(c.KeepLast)}
	if c.EveryEpochs > 0 {
		opts = append(opts, train.EveryEpochs(c.EveryEpochs))
	}
	if c.EverySteps > 0 {
		opts = append(opts, train.EverySteps(c.EverySteps))
	}
	if c.EveryInterval > 0 {
		opts = append(opts, train.EveryInterval(c.EveryInterval))
	}
	if c.KeepBest > 0 {
		opts = append(opts, train.KeepBest(c.KeepBest, by))
	}
	return opts
}

// classWeights are numbers, or the word balanced.
type classWeights struct {
	at       config.Place
	balanced bool
	values   []float64
}

// Type implements [config.Decoder].
func (*classWeights) Type() string {
	return "balanced, or a list with a number of at least 0 for each class"
}

// DecodeNode implements [config.Decoder].
func (w *classWeights) DecodeNode(n *config.Node) error {
	w.at = n.At
	if word, ok := n.Word(); ok {
		if w.balanced = word == "balanced"; !w.balanced {
			return errors.Errorf("is %s", word)
		}
		return nil
	}
	var ok bool
	if w.values, ok = n.Numbers(); !ok {
		return errors.New("is something else")
	}
	for _, v := range w.values {
		if !(v >= 0) || math.IsInf(v, 0) {
			return errors.Errorf("has the number %v", v)
		}
	}
	return nil
}
