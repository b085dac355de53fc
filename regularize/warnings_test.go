package regularize_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// warnings returns the lines of a summary that warn.
func warnings(t *testing.T, f graph.Func, shape graph.Shape, opts ...graph.SummaryOption) (out []string) {
	t.Helper()
	var b strings.Builder
	if err := build(t, f, shape).Summary(&b, opts...); err != nil {
		t.Fatalf("%+v", err)
	}
	for line := range strings.Lines(b.String()) {
		if w, ok := strings.CutPrefix(line, "warning: "); ok {
			out = append(out, w)
		}
	}
	return out
}

func TestWarnings(t *testing.T) {
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	conv := func(s scope, x node) node { return nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Pad(1)) }
	norm := func(s scope, x node) node { return nodes.BatchNorm2D(s.In("bn"), x) }
	drop := func(s scope, x node) node { return regularize.SpatialDropout2D(s.In("drop"), x, 0.5) }
	pixels := func(s scope, x node) node { return nodes.ReLU(regularize.Dropout(s.In("drop"), x, 0.5)) }
	const last = "drop: dropout of what the model returns"
	const shift, single = "bn after drop: dropout before a batch norm", "drop: dropout of single pixels just after a convolution"
	for name, c := range map[string]struct {
		net  graph.Func
		want []string // beginnings
	}{
		"just before the norm":  {func(s scope, x node) node { return norm(s, drop(s, x)) }, []string{shift}},
		"a convolution between": {func(s scope, x node) node { return norm(s, conv(s, nodes.ReLU(drop(s, x)))) }, []string{shift}},
		"DropBlock":             {func(s scope, x node) node { return norm(s, regularize.DropBlock2D(s.In("drop"), x, 0.1, 3)) }, []string{shift}},
		"Gaussian":              {func(s scope, x node) node { return norm(s, regularize.GaussianDropout(s.In("drop"), x, 0.5)) }, []string{shift}},
		"frozen norm between": {func(s scope, x node) node {
			return norm(s, nodes.BatchNorm2D(s.In("bn0").InMode(graph.Eval), drop(s, x)))
		}, []string{shift}},
		"merged with norm and pool": {func(s scope, x node) node {
			x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn0"), x))
			return norm(s, conv(s, nodes.MaxPool2D(drop(s, x), 2)))
		}, []string{shift}},
		"in a part of a concat":   {func(s scope, x node) node { return norm(s, nodes.Concat(1, x, conv(s, drop(s, x)))) }, []string{shift}},
		"pixels and then a norm":  {func(s scope, x node) node { return norm(s, pixels(s, nodes.ReLU(conv(s, x)))) }, []string{single, shift}},
		"pixels behind norm, act": {func(s scope, x node) node { return pixels(s, nodes.Tanh(norm(s, conv(s, x)))) }, []string{single}},

		"behind the last norm": {func(s scope, x node) node { return drop(s, nodes.ReLU(norm(s, conv(s, x)))) }, nil},
		"a norm between": {func(s scope, x node) node {
			return norm(s, conv(s, nodes.BatchNorm2D(s.In("bn0"), conv(s.In("a"), x))))
		}, nil},
		"merged norm and pool between": {func(s scope, x node) node {
			x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn0"), drop(s, x), nodes.Untracked()))
			return norm(s, conv(s, nodes.MaxPool2D(x, 2)))
		}, nil},
		"a layer norm between": {func(s scope, x node) node { return norm(s, nodes.LayerNorm(s.In("ln"), drop(s, x))) }, nil},
		"frozen":               {func(s scope, x node) node { return nodes.BatchNorm2D(s.In("bn").InMode(graph.Eval), drop(s, x)) }, nil},
		"untracked":            {func(s scope, x node) node { return nodes.BatchNorm2D(s.In("bn"), drop(s, x), nodes.Untracked()) }, nil},
		"in a residual branch": {func(s scope, x node) node { return norm(s, nodes.Add(x, conv(s, drop(s, x)))) }, nil},
		"the other way round":  {func(s scope, x node) node { return norm(s, nodes.Add(conv(s, drop(s, x)), x)) }, nil},
		"on weights": {func(s scope, x node) node {
			return norm(s, nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Parametrize(regularize.DropConnect(0.5))))
		}, []string{"bn after conv.weight: dropout before a batch norm"}},
		"on weights, for each sample": {func(s scope, x node) node {
			return nodes.BatchNorm1D(s.In("bn"), regularize.DropConnectLinear(s.In("drop"), nodes.Flatten(x), 5, 0.5))
		}, []string{shift}},
		"stochastic pooling": {func(s scope, x node) node { return norm(s, regularize.StochasticPool2D(s.In("drop"), x, 2)) }, []string{shift}},
		"max-pooling dropout": {func(s scope, x node) node {
			return norm(s, regularize.MaxPoolDropout2D(s.In("drop"), x, 0.5, 2))
		}, []string{shift}},
		"the largest": {func(s scope, x node) node { return norm(s, regularize.MaxDrop(s.In("drop"), x, 0.5)) }, []string{shift}},
		"regions":     {func(s scope, x node) node { return norm(s, regularize.FocusedDropout(s.In("drop"), x)) }, []string{shift}},
		"swapout": {func(s scope, x node) node {
			return norm(s, regularize.Swapout(s.In("drop"), x, conv(s, x), 0.5, 0.5))
		}, []string{shift}},
		"swapout of the branch alone": {func(s scope, x node) node {
			return norm(s, regularize.Swapout(s.In("drop"), x, conv(s, x), 0, 0.5))
		}, nil},
		"self-normalising":      {func(s scope, x node) node { return norm(s, regularize.AlphaDropout(s.In("drop"), nodes.SELU(x), 0.5)) }, nil},
		"a square of the input": {func(s scope, x node) node { return norm(s, conv(s, regularize.Cutout(s.In("drop"), x, 1, 3))) }, nil},
		"a square, of noise": {func(s scope, x node) node {
			return norm(s, conv(s, regularize.Cutout(s.In("square"), drop(s, x), 1, 3)))
		}, []string{shift}},
		"drawing in predictions too": {func(s scope, x node) node {
			return norm(s, regularize.SpatialDropout2D(s.In("drop").InMode(graph.MonteCarlo), x, 0.5))
		}, nil},
		"drawing in predictions too, merged with norm and pool": {func(s scope, x node) node {
			x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn0"), x))
			x = regularize.SpatialDropout2D(s.In("drop").InMode(graph.MonteCarlo), x, 0.5)
			return norm(s, conv(s, nodes.MaxPool2D(x, 2)))
		}, nil},
		"another noise between": {func(s scope, x node) node {
			return norm(s, regularize.FeatureAlphaDropout(s.In("alpha"), drop(s, x), 0.5))
		}, []string{shift}},
		"before an LSTM": {func(s scope, x node) node {
			x = regularize.Dropout(s.In("drop"), nodes.Reshape(x, 0, 4, -1), 0.5)
			return nodes.BatchNorm1D(s.In("bn"), nodes.LSTM(s.In("lstm"), x, 5).Last())
		}, []string{shift}},
		"before a GRU in both directions, of given lengths": {func(s scope, x node) node {
			lengths := nodes.SequenceLengths(nodes.Reshape(x, 0, 4, -1), 0)
			x = regularize.Dropout(s.In("drop"), nodes.Reshape(x, 0, 4, -1), 0.5)
			return nodes.BatchNorm1D(s.In("bn"), nodes.GRU(s.In("gru"), x, 5, nodes.Bidirectional(), nodes.Lengths(lengths)).Last())
		}, []string{shift}},
		"two blocks of pre-activation": {func(s scope, x node) node {
			drop := func(s scope, x node) node { return regularize.SpatialDropout2D(s, x, 0.5) }
			x = regularize.PreActivationConv2D(s.In("a"), x, 4, 3, drop)
			return regularize.PreActivationConv2D(s.In("b"), x, 4, 3, drop)
		}, []string{"b.bn after a.drop: dropout before a batch norm"}},
		"a sum with parts of the input": {func(s scope, x node) node { return norm(s, nodes.Mul(drop(s, x), nodes.Sigmoid(x))) }, nil},
		"last": {func(s scope, x node) node {
			return regularize.Dropout(s.In("drop"), nodes.Linear(s.In("fc"), nodes.Flatten(x), 3), 0.5)
		}, []string{last}},
		"before the last": {func(s scope, x node) node {
			return nodes.Linear(s.In("fc"), regularize.Dropout(s.In("drop"), nodes.Flatten(x), 0.5), 3)
		}, nil},
		"last, and never drops": {func(s scope, x node) node {
			return regularize.Dropout(s.In("none"), regularize.Dropout(s.In("drop"), x, 0.5), 0)
		}, []string{last}},
		"last, of maps":        {drop, nil},
		"last, in evaluation":  {func(s scope, x node) node { return regularize.Dropout(s.In("drop").InMode(graph.Eval), x, 0.5) }, nil},
		"never drops":          {func(s scope, x node) node { return norm(s, regularize.Dropout(s.In("drop"), x, 0)) }, nil},
		"pixels behind a pool": {func(s scope, x node) node { return pixels(s, nodes.MaxPool2D(conv(s, x), 2)) }, nil},
		"flat":                 {func(s scope, x node) node { return pixels(s, nodes.Flatten(conv(s, x))) }, nil},
		"whole maps":           {func(s scope, x node) node { return drop(s, conv(s, x)) }, nil},
		"a noise shape of maps": {func(s scope, x node) node {
			return regularize.Dropout(s.In("drop"), conv(s, x), 0.5, regularize.NoiseShape(0, 0, 1, 1))
		}, nil},
		"maps of one pixel": {func(s scope, x node) node { return pixels(s, nodes.Conv2D(s.In("conv"), x, 4, 6)) }, nil},
		"none":              {conv, nil},
	} {
		got := warnings(t, c.net, graph.Shape{2, 4, 6, 6})
		if len(got) != len(c.want) {
			t.Errorf("%s: got warnings %q, want %q", name, got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: got the warning %q, want one that begins with %q", name, got[i], want)
			}
		}
		if quiet := warnings(t, c.net, graph.Shape{2, 4, 6, 6}, graph.Quiet()); quiet != nil {
			t.Errorf("%s: got %q where quiet was asked for", name, quiet)
		}
	}
}

// A norm can't be trained on one sample, but the model has its warnings and rows.
func TestWarningsOfABatchOfOne(t *testing.T) {
	m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn"), regularize.Dropout(s.In("drop"), x, 0.5))
	}, graph.Shape{1, 6})
	var b strings.Builder
	if err := m.Summary(&b); err != nil {
		t.Fatalf("%+v", err)
	}
	for _, want := range []string{"\ndrop  ", "\nwarning: bn after drop: dropout before a batch norm"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwithout %q", b.String(), want)
		}
	}
}

// A text comes once, with the first of its places.
func TestWarningsComeOnce(t *testing.T) {
	got := warnings(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		for _, block := range []string{"a", "b", "c", "d", "e", "f"} {
			s := s.In(block)
			x = nodes.BatchNorm2D(s.In("bn"), regularize.SpatialDropout2D(s.In("drop"), x, 0.5))
		}
		return x
	}, graph.Shape{2, 4, 6, 6})
	const want = "a.bn after a.drop, b.bn after b.drop, c.bn after c.drop, d.bn after d.drop and 2 more: dropout before"
	if len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("got %q, want one that begins with %q", got, want)
	}
}
