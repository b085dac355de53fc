package main

import (
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/train"
)

// An augment is a transform of package train.
type augment struct{ config.Chosen }

// Options implements config's choice.
func (augment) Options() []config.Option {
	return []config.Option{
		{Name: "Shift", Doc: "moves an image by whole pixels", New: func() any { return &shift{} }},
		{Name: "Rotate", Doc: "turns an image", New: func() any { return &rotate{} }},
		{Name: "ScaleBy", Doc: "enlarges or shrinks an image", New: func() any { return &scaleBy{} }},
		{Name: "FlipHorizontal", Doc: "mirrors an image, left to right", New: func() any { return &flipHorizontal{} }},
		{Name: "FlipVertical", Doc: "turns an image upside down", New: func() any { return &flipVertical{} }},
		{Name: "RandomCrop", Doc: "cuts a square out of the padded image", New: func() any { return &randomCrop{} }},
		{Name: "Cutout", Doc: "sets a square to 0", New: func() any { return &cutout{} }},
		{Name: "Mixup", Doc: "mixes samples, and their targets", New: func() any { return &mixup{} }},
		{Name: "CutMix", Doc: "puts a box of one image into another", New: func() any { return &cutMix{} }},
	}
}

// options returns what a loader does to samples.
func (c *common) options(classes int) []train.LoaderOption {
	var out []train.LoaderOption
	for _, a := range c.Augment {
		switch s := a.Spec.(type) {
		case interface{ transform() train.Transform }:
			out = append(out, train.Transforms(s.transform()))
		case interface {
			mix(classes int) train.BatchTransform
		}:
			out = append(out, train.BatchTransforms(s.mix(classes)))
		}
	}
	return out
}

type shift struct {
	Pixels int `key:"pixels" default:"2" in:"[0,8000]" doc:"the most, for each axis"`
}

func (s *shift) transform() train.Transform { return train.Shift(s.Pixels) }

type rotate struct {
	Degrees float64 `key:"degrees" default:"10" in:"[0,180]" doc:"the most, to both sides"`
}

func (s *rotate) transform() train.Transform { return train.Rotate(s.Degrees) }

type scaleBy struct {
	Low  float64 `key:"low" default:"0.9" in:"(0,100]" doc:"the least factor"`
	High float64 `key:"high" default:"1.1" in:"(0,100]" doc:"the greatest"`
}

func (s *scaleBy) transform() train.Transform { return train.ScaleBy(s.Low, s.High) }

type flipHorizontal struct {
	P float64 `key:"p" default:"0.5" in:"[0,1]" doc:"probability"`
}

func (s *flipHorizontal) transform() train.Transform { return train.FlipHorizontal(s.P) }

type flipVertical struct {
	P float64 `key:"p" default:"0.5" in:"[0,1]" doc:"probability"`
}

func (s *flipVertical) transform() train.Transform { return train.FlipVertical(s.P) }

type randomCrop struct {
	Size    int `key:"size" need:"yes" in:"[1,8000]" doc:"pixels of a side"`
	Padding int `key:"padding" default:"4" in:"[0,8000]" doc:"pixels of 0 on each side before"`
}

func (s *randomCrop) transform() train.Transform { return train.RandomCrop(s.Size, s.Padding) }

type cutout struct {
	Size int `key:"size" need:"yes" in:"[1,8000]" doc:"pixels of a side"`
}

func (s *cutout) transform() train.Transform { return train.Cutout(s.Size) }

type mixing struct {
	Alpha       float64 `key:"alpha" default:"1" in:"(0,1e6]" doc:"of the distribution Beta(alpha, alpha)"`
	Probability float64 `key:"probability" default:"1" in:"[0,1]" doc:"part of the batches that are mixed"`
}

type mixup struct{ mixing }

func (s *mixup) mix(classes int) train.BatchTransform {
	return train.Mixup(s.Alpha, classes, train.MixProbability(s.Probability))
}

type cutMix struct{ mixing }

func (s *cutMix) mix(classes int) train.BatchTransform {
	return train.CutMix(s.Alpha, classes, train.MixProbability(s.Probability))
}
