package main

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/regularize"
)

// A dropWith is a member of the dropout family in place of dropout.
type dropWith struct{ config.Chosen }

// Options implements config's choice.
func (dropWith) Options() []config.Option {
	rate := func(name, doc string, f func(*graph.Scope, *graph.Node, float64) *graph.Node) config.Option {
		return config.Option{Name: name, Doc: doc, New: func() any { return &dropRate{f: f} }}
	}
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	return []config.Option{
		rate("Dropout", "single values", func(s scope, x node, p float64) node { return regularize.Dropout(s, x, p) }),
		rate("AlphaDropout", "values, so that mean and variance stay; for SELU", func(s scope, x node, p float64) node { return regularize.AlphaDropout(s, x, p) }),
		rate("GaussianDropout", "values are multiplied by a Gaussian of mean 1", func(s scope, x node, p float64) node { return regularize.GaussianDropout(s, x, p) }),
		rate("LockedDropout", "features of series, at all steps together", func(s scope, x node, p float64) node { return regularize.LockedDropout(s, x, p) }),
		rate("SpatialDropout1D", "whole feature maps of series", func(s scope, x node, p float64) node { return regularize.SpatialDropout1D(s, x, p) }),
		rate("SpatialDropout2D", "whole feature maps of images", func(s scope, x node, p float64) node { return regularize.SpatialDropout2D(s, x, p) }),
		rate("ChannelDropout", "channels, of all samples of a batch together", func(s scope, x node, p float64) node { return regularize.ChannelDropout(s, x, p) }),
		rate("FeatureAlphaDropout", "AlphaDropout of whole feature maps", func(s scope, x node, p float64) node { return regularize.FeatureAlphaDropout(s, x, p) }),
		rate("MaxDrop", "the greatest value of each feature map", func(s scope, x node, p float64) node { return regularize.MaxDrop(s, x, p) }),
		rate("WeightedChannelDropout", "channels, by how active they are", func(s scope, x node, p float64) node { return regularize.WeightedChannelDropout(s, x, p) }),
		{Name: "DropBlock2D", Doc: "squares of feature maps", New: func() any { return &dropBlock{} }},
		{Name: "GaussianNoise", Doc: "a Gaussian is added", New: func() any { return &gaussianNoise{} }},
	}
}

// f is the function that stands where a model drops; without a choice it is nil.
func (d dropWith) f() graph.Func {
	if spec, ok := d.Spec.(interface {
		drop(*graph.Scope, *graph.Node) *graph.Node
	}); ok {
		return spec.drop
	}
	return nil
}

type dropRate struct {
	P float64 `key:"p" default:"0.5" in:"[0,1]" doc:"probability to drop"`
	f func(*graph.Scope, *graph.Node, float64) *graph.Node
}

func (d *dropRate) drop(s *graph.Scope, x *graph.Node) *graph.Node { return d.f(s, x, d.P) }

type dropBlock struct {
	P    float64 `key:"p" default:"0.1" in:"[0,1]" doc:"probability to drop"`
	Size int     `key:"size" default:"7" in:"[1,8000]" doc:"side of a square"`
}

func (d *dropBlock) drop(s *graph.Scope, x *graph.Node) *graph.Node {
	return regularize.DropBlock2D(s, x, d.P, d.Size)
}

type gaussianNoise struct {
	Std float64 `key:"std" default:"0.1" in:"[0,inf)" doc:"standard deviation"`
}

func (d *gaussianNoise) drop(s *graph.Scope, x *graph.Node) *graph.Node {
	return regularize.GaussianNoise(s, x, d.Std)
}
