package nodes

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// norm is what the normalisations have in common.
type norm struct {
	eps    float64
	affine bool
}

func defaultNorm() norm { return norm{eps: 1e-5, affine: true} }

func (n *norm) check() error {
	if !(n.eps >= 0) || math.IsInf(n.eps, 0) {
		return errors.Errorf("eps is %v, want a finite value ≥ 0", n.eps)
	}
	return nil
}

// params declares weight and bias, or nothing where they are left out.
func (n *norm) params(s *graph.Scope, shape graph.Shape) []*graph.Node {
	if !n.affine {
		return nil
	}
	return []*graph.Node{
		s.Param("weight", shape, graph.Ones(), graph.Exempt()),
		s.Param("bias", shape, graph.Zeros(), graph.Exempt()),
	}
}

// A NormOption adjusts any normalisation.
type NormOption interface {
	BatchNormOption
	LayerNormOption
	GroupNormOption
}

// Eps sets ε, which is added to the variance before its root is taken. The
// default is 1e-5, PyTorch's; Keras has 1e-3.
func Eps(e float64) NormOption { return eps(e) }

type eps float64

func (e eps) batchNorm(op *batchNorm) { op.eps = float64(e) }
func (e eps) layerNorm(op *layerNorm) { op.eps = float64(e) }
func (e eps) groupNorm(op *groupNorm) { op.eps = float64(e) }

// NoAffine leaves out weight and bias.
func NoAffine() NormOption { return noAffine{} }

type noAffine struct{}

func (noAffine) batchNorm(op *batchNorm) { op.affine = false }
func (noAffine) layerNorm(op *layerNorm) { op.affine = false }
func (noAffine) groupNorm(op *groupNorm) { op.affine = false }
