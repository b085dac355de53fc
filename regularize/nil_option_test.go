package regularize_test

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// An option that is nil changes nothing, nor does one inside another.
func TestNilOptions(t *testing.T) {
	images := graph.Shape{2, 1, 4, 4}
	for name, f := range map[string]func(given bool) graph.Func{
		"Dropout": func(given bool) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.Dropout(s, x, 0.5, some[regularize.DropoutOption](given)...)
			}
		},
		"Cutout": func(given bool) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.Cutout(s, x, 0.5, 2, some[regularize.Option](given)...)
			}
		},
		"a window": func(given bool) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.StochasticPool2D(s, x, 2, regularize.Window(some[nodes.MaxPoolOption](given)...))
			}
		},
		"a linear map": func(given bool) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.DropConnectLinear(s, nodes.Flatten(x), 3, 0.5, regularize.LinearOptions(some[nodes.LinearOption](given)...))
			}
		},
		"a convolution": func(given bool) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Conv2D(s, x, 3, 2, append(some[nodes.ConvOption](given), nodes.Parametrize(regularize.DropConnect(0.5, some[regularize.DropConnectOption](given)...)))...)
			}
		},
	} {
		y := sample(t, f(true), images, ones(32))
		if want := sample(t, f(false), images, ones(32)); !slices.Equal(y, want) {
			t.Errorf("%s: got %v with nil, want %v", name, y, want)
		}
	}
}

// some returns one option, which is nil, or none.
func some[O any](given bool) []O {
	if !given {
		return nil
	}
	return make([]O, 1)
}
