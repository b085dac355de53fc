package main

import (
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
)

// A schedule is one of package train.
type schedule struct{ config.Chosen }

// Options implements config's choice.
func (schedule) Options() []config.Option {
	return []config.Option{
		{Name: "Constant", Doc: "the rate of the optimiser", New: func() any { return &constant{} }},
		{Name: "Cosine", Doc: "falls along half a cosine until training ends", New: func() any { return &cosine{} }},
		{Name: "LinearDecay", Doc: "falls along a line to 0 when training ends", New: func() any { return &linearDecay{} }},
		{Name: "OneCycle", Doc: "rises to the rate of the optimiser and falls again", New: func() any { return &oneCycle{} }},
		{Name: "StepLR", Doc: "falls by a factor after every so many epochs", New: func() any { return &stepLR{} }},
		{Name: "Exponential", Doc: "falls by a factor over every epoch, little by little", New: func() any { return &exponential{} }},
		{Name: "ReduceOnPlateau", Doc: "falls when the validation loss has stopped falling", New: func() any { return &plateau{} }},
	}
}

// A scheduler makes a schedule over what the warm-up leaves.
type scheduler interface {
	schedule(total train.Span) train.Schedule
	warmup() *warming
}

// warming is of all schedules.
type warming struct {
	Epochs   int  `key:"warmup_epochs" default:"0" in:"[0,1e6]" doc:"epochs in which the rate first rises along a line"`
	Steps    int  `key:"warmup_steps" default:"0" in:"[0,1e9]" doc:"the same in steps"`
	PerEpoch bool `key:"per_epoch" doc:"change only where an epoch starts"`
}

func (w *warming) warmup() *warming { return w }

// make returns the schedule of a training of so many steps an epoch.
func (s *schedule) make(t *training, stepsPerEpoch int) train.Schedule {
	sch := s.Spec.(scheduler)
	w := sch.warmup()
	epochs := t.scheduled()
	total, length := train.InEpochs(epochs-w.Epochs), train.InEpochs(w.Epochs)
	if w.Steps > 0 {
		length = train.InSteps(w.Epochs*stepsPerEpoch + w.Steps)
		total = train.InSteps((epochs-w.Epochs)*stepsPerEpoch - w.Steps)
	}
	out := sch.schedule(total)
	if w.PerEpoch {
		out = train.PerEpoch(out)
	}
	if w.Epochs > 0 || w.Steps > 0 {
		out = train.Warmup(length, out)
	}
	if epochs < t.Epochs {
		var anneal train.Span
		if t.SWA.Anneal > 0 {
			anneal = train.InEpochs(t.SWA.Anneal)
		}
		out = train.SWALR(train.InEpochs(epochs), *t.SWA.LR, anneal, out)
	}
	return out
}

// checkWarmup returns an error if the warm-up leaves nothing of a schedule.
func (t *training) checkWarmup(tree *config.Node, stepsPerEpoch int) error {
	w := t.Schedule.Spec.(scheduler).warmup()
	if total := (t.scheduled() - w.Epochs) * stepsPerEpoch; w.Steps >= total {
		return config.Errorf(tree.Place("train.schedule.warmup_steps"), "warmup_steps is %d, want less than the other steps of the schedule, which are %d", w.Steps, total)
	}
	return nil
}

type constant struct{ warming }

func (*constant) schedule(train.Span) train.Schedule { return train.Constant() }

type cosine struct {
	Min float64 `key:"min" default:"0" in:"[0,inf)" doc:"the rate at the end"`
	warming
}

func (s *cosine) schedule(total train.Span) train.Schedule { return train.Cosine(total, s.Min) }

type linearDecay struct{ warming }

func (*linearDecay) schedule(total train.Span) train.Schedule { return train.LinearDecay(total) }

type oneCycle struct {
	Start float64 `key:"pct_start" default:"0.3" in:"[0,1)" doc:"part of the training in which the rate rises"`
	Div   float64 `key:"div_factor" default:"25" in:"[1,inf)" doc:"what the rate is divided by at the start"`
	Final float64 `key:"final_div_factor" default:"1e4" in:"[1,inf)" doc:"what that of the start is divided by at the end"`
	warming
}

func (s *oneCycle) schedule(total train.Span) train.Schedule {
	return train.OneCycle(total, train.PctStart(s.Start), train.DivFactor(s.Div), train.FinalDivFactor(s.Final))
}

type stepLR struct {
	Every int     `key:"every_epochs" default:"10" in:"[1,1e6]" doc:"epochs at one rate"`
	Gamma float64 `key:"gamma" default:"0.1" in:"[0,inf)" doc:"the factor"`
	warming
}

func (s *stepLR) schedule(train.Span) train.Schedule {
	return train.StepLR(train.InEpochs(s.Every), s.Gamma)
}

type exponential struct {
	Gamma float64 `key:"gamma" default:"0.95" in:"[0,inf)" doc:"the factor of an epoch"`
	warming
}

func (s *exponential) schedule(train.Span) train.Schedule {
	return train.Exponential(train.InEpochs(1), s.Gamma)
}

type plateau struct {
	Factor    float64 `key:"factor" default:"0.1" in:"[0,1)" doc:"what a reduction multiplies the rate by"`
	Patience  int     `key:"patience" default:"10" in:"[0,1e6]" doc:"bad epochs in a row that are borne"`
	Threshold float64 `key:"threshold" default:"1e-4" in:"[0,1)" doc:"by which part of the best loss a new one must be lower"`
	Cooldown  int     `key:"cooldown" default:"0" in:"[0,1e6]" doc:"epochs after a reduction in which none is bad"`
	MinLR     float64 `key:"min_lr" default:"0" in:"[0,inf)" doc:"the lowest rate"`
	warming
}

func (s *plateau) schedule(train.Span) train.Schedule {
	return train.ReduceOnPlateau(train.Factor(s.Factor), train.Patience(s.Patience), train.Threshold(s.Threshold),
		train.Cooldown(s.Cooldown), train.MinLR(s.MinLR))
}
