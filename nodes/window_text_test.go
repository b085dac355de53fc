package nodes_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// What a summary calls a node, with all that its user chose and no more.
func TestSummaryDescribes(t *testing.T) {
	images := graph.Shape{2, 4, 8, 9}
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	for want, c := range map[string]struct {
		net   graph.Func
		shape graph.Shape
	}{
		"Conv2D(kernel=3×3)":   {func(s scope, x node) node { return nodes.Conv2D(s, x, 4, 3) }, images},
		"Conv1D(kernel=3)":     {func(s scope, x node) node { return nodes.Conv1D(s, x, 4, 3) }, graph.Shape{2, 4, 8}},
		"Conv3D(kernel=2×2×2)": {func(s scope, x node) node { return nodes.Conv3D(s, x, 4, 2) }, graph.Shape{2, 4, 2, 2, 2}},
		"Conv2D(kernel=3×2, stride=2×1, pad=1, dilation=2, groups=2)": {func(s scope, x node) node {
			return nodes.Conv2D(s, x, 4, 0, nodes.KernelSize(3, 2), nodes.Stride(2, 1), nodes.Pad(1), nodes.Dilation(2), nodes.Groups(2))
		}, images},
		"ConvTranspose2D(kernel=2×2, stride=2)": {func(s scope, x node) node {
			return nodes.ConvTranspose2D(s, x, 4, 2, nodes.Stride(2))
		}, images},
		"MaxPool2D(kernel=2×2)": {func(_ scope, x node) node { return nodes.MaxPool2D(x, 2) }, images},
		"AvgPool2D(kernel=3×3, stride=1, pad=1)": {func(_ scope, x node) node {
			return nodes.AvgPool2D(x, 3, nodes.Stride(1), nodes.Pad(1))
		}, images},
		"GroupNorm(groups=2)":          {func(s scope, x node) node { return nodes.GroupNorm(s, x, 2) }, images},
		"BatchNorm2D(ghost=1)":         {func(s scope, x node) node { return nodes.BatchNorm2D(s, x, nodes.GhostBatch(1)) }, images},
		"LeakyReLU(slope=0.2)":         {func(_ scope, x node) node { return nodes.LeakyReLU(x, nodes.NegativeSlope(0.2)) }, images},
		"ELU(alpha=1)":                 {func(_ scope, x node) node { return nodes.ELU(x) }, images},
		"Softmax(axis=-1)":             {func(_ scope, x node) node { return nodes.Softmax(x, -1) }, images},
		"LogSoftmax(axis=1)":           {func(_ scope, x node) node { return nodes.LogSoftmax(x, 1) }, images},
		"Embedding(words=9)":           {func(s scope, x node) node { return nodes.Embedding(s, x, 9, 3) }, graph.Shape{2, 4}},
		"MultiheadAttention(heads=2)":  {func(s scope, x node) node { return nodes.MultiheadAttention(s, x, x, x, 2) }, graph.Shape{2, 4, 6}},
		"GRU(layers=2, bidirectional)": {func(s scope, x node) node { return nodes.GRU(s, x, 3, nodes.Layers(2), nodes.Bidirectional()).Output }, graph.Shape{2, 4, 6}},
	} {
		m, err := graph.Build(func(s scope, x node) node { return c.net(s.In("a"), x) }, c.shape)
		if err != nil {
			t.Errorf("%s: %+v", want, err)
			continue
		}
		var b strings.Builder
		if err := m.Summary(&b); err != nil {
			t.Errorf("%s: %+v", want, err)
		}
		if !strings.Contains(b.String(), " "+want+" ") {
			t.Errorf("got\n%s\nwant a row of %s", b.String(), want)
		}
	}
}
