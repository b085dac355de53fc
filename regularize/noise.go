package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
)

// noise is what the nodes of this package have in common. Each of them draws
// factors and multiplies something by them, and they differ in four things:
//
//   - what is drawn: for most a factor that is 0 with a probability, at a rate;
//   - the shape over which it is drawn, whose axes of length 1 share a draw;
//   - the scale of what is kept;
//   - what it is applied to: an activation, a weight (by [nodes.Parametrize]), what
//     enters a pooling, or a branch.
type noise struct {
	rate  rate
	shape graph.Shape // one axis for each of x, as long or 1
	scale scaling
	also  string // for a summary, what its rate and kind don't say
}

// text is what a summary says of the node.
func (d noise) text() string {
	text := d.rate.text()
	if d.scale == classic {
		text += ", classic"
	}
	if d.also != "" {
		text += ", " + d.also
	}
	return text
}

// scaling is the factor of what is kept.
type scaling uint8

const (
	inverted   scaling = iota // 1/(1-p): the mean stays
	unscaled                  // 1
	classic                   // 1, and where nothing is drawn everything is multiplied by 1-p
	selfNormal                // that of AlphaDropout
)

// on returns x times the factors, and claims the stream of s. In a mode that does
// not draw it is x itself, or in the classic form x times the probability to keep.
func (d noise) on(s *graph.Scope, x *graph.Node) *graph.Node {
	key, draws := d.rate.claim(s, x)
	return d.apply(s, key, draws, x)
}

// apply is on for a stream that is claimed, which is to draw or not.
func (d noise) apply(s *graph.Scope, key philox.Key, draws bool, x *graph.Node) *graph.Node {
	s = s.Describe("%s", d.text())
	if d.scale == classic {
		d.rate.checkEnd(s, "Classic")
	}
	switch {
	case s.Err() != nil:
		return x
	case !draws && d.scale == classic && !s.Mode().Draws() && !d.rate.never():
		return s.Apply(scaled{d.rate.finalKeep()}, x)
	case !draws:
		return x
	}
	s.DrawsOver(d.shape)
	b, each := bernoulli{key, d.rate, d.scale}, slices.Equal(d.shape, x.Shape())
	factors := func() *graph.Node { return s.Apply(mask{b, d.shape}, source(x), s.Step()) }
	switch {
	case d.scale == selfNormal && each:
		return s.Apply(alphaDropout{b}, x, s.Step())
	case d.scale == selfNormal:
		return s.Apply(alphaMasked{b}, x, factors(), s.Step())
	case each:
		return s.Apply(dropout{b}, x, s.Step())
	}
	return s.Apply(masked{}, x, factors())
}
