package main

import (
	"strings"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// inTurn profiles a network with the member and one with what it is measured by in
// turn, and returns the least times of either, forward and backward.
func (p place) inTurn(m member, o options) (its, of [2]time.Duration, err error) {
	beside := m.beside
	if beside == nil {
		beside = plain
	}
	var a, b *specimen
	if a, err = p.specimen(m.node); err != nil {
		return its, of, err
	}
	if b, err = p.specimen(beside); err != nil {
		return its, of, err
	}
	// A profile has 11 runs and gives the median of each time, so of small tensors there
	// are many to be had.
	rounds, span := max(1, o.steps/5), min(o.limit, time.Duration(o.steps)*10*time.Millisecond)
	for start, k := time.Now(), 0; k < rounds && time.Since(start) < o.limit || time.Since(start) < span; k++ {
		if err := a.profile(); err != nil {
			return its, of, err
		}
		if err := b.profile(); err != nil {
			return its, of, err
		}
	}
	return a.least, b.least, nil
}

// A specimen is a network with a layer of which the least times are known.
type specimen struct {
	tr    *graph.Trainer
	usual map[[2]string]int // how often which operations are there without the layer
	least [2]time.Duration
}

func (p place) specimen(node layer) (*specimen, error) {
	without, err := p.trainer(func(_ *graph.Scope, x *graph.Node) *graph.Node { return x })
	if err != nil {
		return nil, err
	}
	profile, err := without.Profile()
	if err != nil {
		return nil, err
	}
	sp := &specimen{usual: map[[2]string]int{}, least: [2]time.Duration{time.Hour, time.Hour}}
	for _, c := range profile {
		sp.usual[[2]string{c.Path, c.Op}]++
	}
	sp.tr, err = p.trainer(node)
	return sp, err
}

// profile adds up the operations that are there for the layer. Where the program has
// more of a kind than without it, as changes of the order of memory, it is their part
// of the time.
func (sp *specimen) profile() error {
	profile, err := sp.tr.Profile()
	if err != nil {
		return err
	}
	count := map[[2]string]int{}
	for _, c := range profile {
		count[[2]string{c.Path, c.Op}]++
	}
	var took [2]time.Duration
	pass := 0
	for _, c := range profile {
		if strings.HasPrefix(c.Path, "mse#") {
			pass = 1
		}
		key := [2]string{c.Path, c.Op}
		if n := count[key]; n > sp.usual[key] {
			took[pass] += c.Time * time.Duration(n-sp.usual[key]) / time.Duration(n)
		}
	}
	for i := range took {
		sp.least[i] = min(sp.least[i], took[i])
	}
	return nil
}

// trainer returns a network with the layer, after a step.
func (p place) trainer(node layer) (*graph.Trainer, error) {
	size := 0
	m, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
		x := s.In("x").Param("x", p.shape, graph.Uniform(0, 1)) // as after a ReLU
		if p.between {
			x = nodes.Conv2D(s.In("conv1"), x, p.shape[1], 1)
		}
		x = node(s.In("layer"), x)
		if p.between {
			x = nodes.Conv2D(s.In("conv2"), x, p.shape[1], 1)
		}
		size = x.Shape().TotalSize()
		return nodes.Reshape(x, 1, size)
	}, graph.Shape{1, 1}, graph.Seed(1))
	if err != nil {
		return nil, err
	}
	t := m.Trainer(nodes.MSE())
	_, err = t.Step(tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Float32)), tensor.New(tensor.WithShape(1, size), tensor.Of(tensor.Float32)))
	return t, err
}
