package main

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
)

// An optimiser is one of package train.
type optimiser struct{ config.Chosen }

// Options implements config's choice.
func (optimiser) Options() []config.Option {
	return []config.Option{
		{Name: "SGD", Doc: "gradient descent, with momentum", New: func() any { return &sgd{} }},
		{Name: "Adam", Doc: "steps scaled by running means of the gradient and its square", New: func() any { return &adam{} }},
		{Name: "AdamW", Doc: "Adam with decoupled weight decay", New: func() any { return &adamW{} }},
		{Name: "RMSProp", Doc: "gradients divided by the root of a running mean of their square", New: func() any { return &rmsProp{} }},
		{Name: "Adagrad", Doc: "gradients divided by the root of the sum of all their squares", New: func() any { return &adagrad{} }},
	}
}

// make returns a new one.
func (o *optimiser) make() (*train.Optimizer, error) {
	m, ok := o.Spec.(interface{ make() *train.Optimizer })
	if !ok {
		return nil, errors.New("there is no optimiser")
	}
	return m.make(), nil
}

// updating is of all optimisers.
type updating struct {
	Decay     *float64 `key:"weight_decay" in:"[0,inf)" absent:"0, of AdamW 0.01" doc:"strength of the L2 penalty"`
	ClipNorm  *float64 `key:"clip_norm" in:"(0,inf]" doc:"bound on the norm of all gradients together"`
	ClipValue *float64 `key:"clip_value" in:"(0,inf]" doc:"bound on each element of a gradient"`
	Groups    []group  `key:"groups" doc:"parameters with a rate or a decay of their own"`
}

type group struct {
	Pattern  string   `key:"pattern" need:"yes" doc:"names of parameters, such as *.bias"`
	LRFactor *float64 `key:"lr_factor" in:"[0,inf)" absent:"1" doc:"their learning rate, as a factor of that of the others"`
	Decay    *float64 `key:"weight_decay" in:"[0,inf)" absent:"that of the others" doc:"strength of their L2 penalty"`
}

func (u *updating) options(opts ...train.OptimizerOption) []train.OptimizerOption {
	if u.Decay != nil {
		opts = append(opts, train.WeightDecay(*u.Decay))
	}
	if u.ClipNorm != nil {
		opts = append(opts, train.ClipNorm(*u.ClipNorm))
	}
	if u.ClipValue != nil {
		opts = append(opts, train.ClipValue(*u.ClipValue))
	}
	for _, g := range u.Groups {
		var own []train.GroupOption
		if g.LRFactor != nil {
			own = append(own, train.LRFactor(*g.LRFactor))
		}
		if g.Decay != nil {
			own = append(own, train.WeightDecay(*g.Decay))
		}
		opts = append(opts, train.Group(g.Pattern, own...))
	}
	return opts
}

type sgd struct {
	LR        float64  `key:"lr" default:"0.01" in:"[0,inf)" doc:"learning rate"`
	Momentum  *float64 `key:"momentum" in:"[0,1)" absent:"0" doc:"how much of the past updates goes on"`
	Dampening *float64 `key:"dampening" in:"[0,1)" absent:"0" doc:"part of a gradient that stays out of the momentum"`
	Nesterov  bool     `key:"nesterov" doc:"look ahead along the momentum"`
	updating
}

func (o *sgd) make() *train.Optimizer {
	opts := o.options()
	if o.Momentum != nil {
		opts = append(opts, train.Momentum(*o.Momentum))
	}
	if o.Dampening != nil {
		opts = append(opts, train.Dampening(*o.Dampening))
	}
	if o.Nesterov {
		opts = append(opts, train.Nesterov())
	}
	return train.SGD(o.LR, opts...)
}

type moments struct {
	LR      float64 `key:"lr" default:"0.001" in:"[0,inf)" doc:"learning rate"`
	Beta1   float64 `key:"beta1" default:"0.9" in:"[0,1)" doc:"factor by which the mean of the gradient forgets a step"`
	Beta2   float64 `key:"beta2" default:"0.999" in:"[0,1)" doc:"the same of its square"`
	Eps     float64 `key:"eps" default:"1e-8" in:"[0,inf)" doc:"what is added to the denominator"`
	AMSGrad bool    `key:"amsgrad" doc:"divide by the largest so far"`
	updating
}

func (o *moments) all() []train.OptimizerOption {
	opts := o.options(train.Betas(o.Beta1, o.Beta2), train.Eps(o.Eps))
	if o.AMSGrad {
		opts = append(opts, train.AMSGrad())
	}
	return opts
}

type adam struct{ moments }

func (o *adam) make() *train.Optimizer { return train.Adam(o.LR, o.all()...) }

type adamW struct{ moments }

func (o *adamW) make() *train.Optimizer { return train.AdamW(o.LR, o.all()...) }

type rmsProp struct {
	LR       float64  `key:"lr" default:"0.01" in:"[0,inf)" doc:"learning rate"`
	Alpha    float64  `key:"alpha" default:"0.99" in:"[0,1)" doc:"factor by which the mean forgets a step"`
	Eps      float64  `key:"eps" default:"1e-8" in:"[0,inf)" doc:"what is added to the denominator"`
	Momentum *float64 `key:"momentum" in:"[0,1)" absent:"0" doc:"how much of the past updates goes on"`
	Centered bool     `key:"centered" doc:"divide by the standard deviation"`
	updating
}

func (o *rmsProp) make() *train.Optimizer {
	opts := o.options(train.Alpha(o.Alpha), train.Eps(o.Eps))
	if o.Momentum != nil {
		opts = append(opts, train.Momentum(*o.Momentum))
	}
	if o.Centered {
		opts = append(opts, train.Centered())
	}
	return train.RMSProp(o.LR, opts...)
}

type adagrad struct {
	LR      float64 `key:"lr" default:"0.01" in:"[0,inf)" doc:"learning rate"`
	LRDecay float64 `key:"lr_decay" default:"0" in:"[0,inf)" doc:"lowers the rate as 1/(1 + (t-1)·d)"`
	Start   float64 `key:"initial_accumulator" default:"0" in:"[0,inf)" doc:"where the sums start"`
	Eps     float64 `key:"eps" default:"1e-10" in:"[0,inf)" doc:"what is added to the denominator"`
	updating
}

func (o *adagrad) make() *train.Optimizer {
	return train.Adagrad(o.LR, o.options(train.LRDecay(o.LRDecay), train.InitialAccumulator(o.Start), train.Eps(o.Eps))...)
}
