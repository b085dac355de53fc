package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// config is what options choose. Each model starts from its own defaults and takes
// the options that it has a use for.
type config struct {
	classes  int
	channels []int // of the blocks
	hidden   []int // widths of the hidden dense layers

	inputDropout float64
	drops        places     // in the dense layers, or everywhere
	maps         graph.Func // on feature maps, in models that have both
	bounded      bool
	maxNorm      float64

	units func(x *graph.Node) *graph.Node // of MLP
	init  []nodes.LinearOption

	depth        float64 // probability to drop the branch of the last block
	depthOptions []regularize.StochasticDepthOption
	shortcut     shortcut

	padded        bool // series, with pad
	pad           float64
	bidirectional bool

	embedding               int // numbers for a word
	wordDropout, weightDrop float64
	activation, temporal    float64 // penalties

	unpadded  bool // convolutions
	batchNorm bool
	positions int // along each axis of the map that is flattened
}

// an option adjusts a config. The marker methods of an option say which models
// take it.
type option interface{ set(*config) }

func configure[O option](c config, opts []O) *config {
	for _, opt := range opts {
		if any(opt) != nil {
			opt.set(&c)
		}
	}
	return &c
}

// places are where a model drops: with the same node in all of them, at one rate or
// at a rate for each.
type places struct {
	rates  []float64
	each   bool       // whether an option gave a rate for each
	locked bool       // LockedDropout instead of Dropout
	with   graph.Func // in place of both
}

// at declares place i, counted from 0.
func (p places) at(s *graph.Scope, x *graph.Node, i int) *graph.Node {
	switch {
	case s.Err() != nil: // perhaps check's
		return x
	case p.with != nil:
		return p.with(s, x)
	}
	rate := p.rates[min(i, len(p.rates)-1)]
	if p.locked {
		return regularize.LockedDropout(s, x, rate)
	}
	return regularize.Dropout(s, x, rate)
}

// check reports rates that are not one for each place, whose paths are given.
func (p places) check(s *graph.Scope, at ...string) {
	if p.with == nil && p.each && len(p.rates) != len(at) {
		s.Errorf("DropoutRates has %d numbers, want %d, one for each place:%s", len(p.rates), len(at), listed(at))
	}
}

// listed is a list to print, shortened if it is long.
func listed(words []string) string {
	if len(words) > 8 {
		words = slices.Concat(words[:3], []string{"..."}, words[len(words)-1:])
	}
	if len(words) == 0 {
		return " there is none"
	}
	return " " + strings.Join(words, ", ")
}

// numbered returns n paths that differ in a number, counted from 1.
func numbered(format string, n int) []string {
	paths := make([]string, max(n, 0))
	for i := range paths {
		paths[i] = fmt.Sprintf(format, i+1)
	}
	return paths
}

func dropout(p float64) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, p) }
}

// spatialDropout is of images, or of series (N, C, L).
func spatialDropout(p float64) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		if x.Dims() == 3 {
			return regularize.SpatialDropout1D(s, x, p)
		}
		return regularize.SpatialDropout2D(s, x, p)
	}
}

// given is f, or a function that reports that the option was given none.
func given(option string, f graph.Func) graph.Func {
	if f != nil {
		return f
	}
	return func(s *graph.Scope, _ *graph.Node) *graph.Node {
		return s.Errorf("the function of %s is nil", option)
	}
}

// checkClasses reports a number of classes that no output layer can have.
func (c *config) checkClasses(s *graph.Scope) {
	if c.classes < 1 {
		s.Errorf("classes is %d, want at least 1", c.classes)
	}
}

// checkChannels reports channels that n blocks can't have; with n = 0 there may be
// any number of blocks.
func (c *config) checkChannels(s *graph.Scope, n int) {
	switch {
	case n > 0 && len(c.channels) != n:
		s.Errorf("Channels has %d numbers, want %d, one for each block", len(c.channels), n)
	case len(c.channels) == 0:
		s.Errorf("Channels has no number, want one for each block")
	}
	for i, channels := range c.channels {
		if channels < 1 {
			s.Errorf("block %d has %d channels, want at least 1", i+1, channels)
		}
	}
}

func (c *config) checkHidden(s *graph.Scope) {
	for i, width := range c.hidden {
		if width < 1 {
			s.Errorf("the width of hidden layer %d is %d, want at least 1", i+1, width)
		}
	}
}

func (c *config) checkDense(s *graph.Scope) {
	if c.hidden[0] < 1 {
		s.Errorf("Dense is %d, want at least 1", c.hidden[0])
	}
}

func (c *config) checkDepth(s *graph.Scope) {
	if !(c.depth >= 0 && c.depth <= 1) { // this way round, NaN fails too
		s.Errorf("StochasticDepth is %v, want 0 ≤ p ≤ 1", c.depth)
	}
}
