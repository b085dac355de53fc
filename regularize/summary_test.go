package regularize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// What a summary calls the nodes of this package, with all that their users chose.
func TestSummaryDescribes(t *testing.T) {
	images, flat, sequence := graph.Shape{2, 4, 6, 6}, graph.Shape{2, 5}, graph.Shape{2, 5, 6}
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	for want, c := range map[string]struct {
		net   graph.Func
		shape graph.Shape
	}{
		"Dropout(p=0.5)": {func(s scope, x node) node { return regularize.Dropout(s, x, 0.5) }, flat},
		"Dropout(p=0.5, linear from 0 in 9 steps)": {func(s scope, x node) node {
			return regularize.Dropout(s, x, 0.5, regularize.LinearRate(0, 9))
		}, flat},
		"Dropout(p=0.5, classic, shape=(2, 1))": {func(s scope, x node) node {
			return regularize.Dropout(s, x, 0.5, regularize.Classic(), regularize.NoiseShape(2, 1))
		}, flat},
		"GaussianDropout(p=0.5)":  {func(s scope, x node) node { return regularize.GaussianDropout(s, x, 0.5) }, flat},
		"GaussianNoise(std=0.1)":  {func(s scope, x node) node { return regularize.GaussianNoise(s, x, 0.1) }, flat},
		"AlphaDropout(p=0.1)":     {func(s scope, x node) node { return regularize.AlphaDropout(s, x, 0.1) }, flat},
		"SpatialDropout2D(p=0.2)": {func(s scope, x node) node { return regularize.SpatialDropout2D(s, x, 0.2) }, images},
		"ChannelDropout(p=0.2)":   {func(s scope, x node) node { return regularize.ChannelDropout(s, x, 0.2) }, images},
		"WeightedChannelDropout(p=0.2, select=0.8)": {func(s scope, x node) node {
			return regularize.WeightedChannelDropout(s, x, 0.2)
		}, images},
		"FocusedDropout(participation p=0.1, focus=0.3 to 0.6)": {func(s scope, x node) node { return regularize.FocusedDropout(s, x) }, images},
		"DropBlock2D(p=0.1, size=3, channels coupled)": {func(s scope, x node) node {
			return regularize.DropBlock2D(s, x, 0.1, 3, regularize.CoupleChannels())
		}, images},
		"Cutout(p=1, size=2)": {func(s scope, x node) node { return regularize.Cutout(s, x, 1, 2) }, images},
		"MaxDrop(p=0.1, across channels)": {func(s scope, x node) node {
			return regularize.MaxDrop(s, x, 0.1, regularize.AcrossChannels())
		}, images},
		"MaxPoolDropout2D(p=0.1)": {func(s scope, x node) node { return regularize.MaxPoolDropout2D(s, x, 0.1, 2) }, images},
		"StochasticPool2D(kernel=3×3, stride=1, pad=1)": {func(s scope, x node) node {
			return regularize.StochasticPool2D(s, x, 3, regularize.Window(nodes.Stride(1), nodes.Pad(1)))
		}, images},
		"StochasticDepth(p=0.2, row)": {func(s scope, x node) node {
			return regularize.StochasticDepth(s, x, 0.2, regularize.RowMode())
		}, images},
		"Swapout(skip p=0.2, branch p=0.3)": {func(s scope, x node) node { return regularize.Swapout(s, x, nodes.ReLU(x), 0.2, 0.3) }, images},
		"LockedDropout(p=0.3)":              {func(s scope, x node) node { return regularize.LockedDropout(s, x, 0.3) }, sequence},
		"DropConnectLinear(p=0.5)":          {func(s scope, x node) node { return regularize.DropConnectLinear(s, x, 3, 0.5) }, flat},
		"DropConnectConv2D(p=0.5, classic)": {func(s scope, x node) node {
			return regularize.DropConnectConv2D(s, x, 3, 2, 0.5, regularize.Classic())
		}, images},
		"DropFilter(p=0.5)": {func(s scope, x node) node {
			return nodes.Linear(s, x, 3, nodes.Parametrize(regularize.DropFilter(0.5)))
		}, flat},
	} {
		rows := summaryOf(t, func(s scope, x node) node { return c.net(s.In("drop"), x) }, c.shape)
		if !slices.ContainsFunc(rows, func(row string) bool {
			return strings.HasPrefix(row, "drop "+want+" (") || strings.HasPrefix(row, "drop.weight "+want+" (")
		}) {
			t.Errorf("got rows\n%s\nwant one of %s", strings.Join(rows, "\n"), want)
		}
	}
}

// summaryOf returns the lines of a summary, with single spaces.
func summaryOf(t *testing.T, f graph.Func, shape graph.Shape) (lines []string) {
	t.Helper()
	var b strings.Builder
	if err := build(t, f, shape).Summary(&b); err != nil {
		t.Fatalf("%+v", err)
	}
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}
