package nodes

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Constant statistics make a normalisation one scale and one shift for each
// channel, which the linear map before it can take over: into its weights, and as
// its bias.

// A foldedAt says where the inputs of a linear map with its normalisation are: x,
// weight, perhaps a bias, the statistics, and perhaps weight (gamma) and bias (beta)
// of the normalisation. What there is not is at -1.
type foldedAt struct{ bias, stats, gamma, beta int }

func affineInputs(n int) foldedAt {
	return [...]foldedAt{
		3: {-1, 2, -1, -1},
		4: {2, 3, -1, -1},
		5: {-1, 2, 3, 4},
		6: {2, 3, 4, 5},
	}[n]
}

// foldedInputs checks the number of inputs and the statistics.
func foldedInputs(in []graph.Shape) (foldedAt, error) {
	if n := len(in); n < 3 || n > 6 {
		return foldedAt{}, errors.Errorf("got %d inputs, want those of a linear map and of its normalisation", n)
	}
	at := affineInputs(len(in))
	if s := in[at.stats]; len(s) != 2 || s[0] != 2 {
		return at, errors.Errorf("statistics have shape %v, want (2, channels)", s)
	}
	return at, nil
}

// foldParts returns the steps that make, of so many inputs, the shift and scale and
// then the weights.
func foldParts(norm normalize, inputs int) []graph.Part {
	at := affineInputs(inputs)
	fold := graph.Part{Op: foldNorm{eps: norm.eps, bias: at.bias >= 0}, In: []int{at.stats}}
	for _, i := range []int{at.gamma, at.beta, at.bias} {
		if i >= 0 {
			fold.In = append(fold.In, i)
		}
	}
	return []graph.Part{fold, {Op: scaleWeight{}, In: []int{1, inputs}}}
}

// foldNorm is what a normalisation with constant statistics does to a channel: a
// shift, in the first row, and a scale. Inputs are the statistics, perhaps weight
// and bias of the normalisation, and perhaps a bias to be normalised too.
type foldNorm struct {
	eps  float64
	bias bool
}

func (op foldNorm) String() string { return fmt.Sprintf("FoldNorm{eps %v, bias %v}", op.eps, op.bias) }

func (foldNorm) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op foldNorm) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, foldNormForward[float32], foldNormForward[float64])
}

func foldNormForward[T kernel.Float](op foldNorm, y []T, in [][]T) {
	n := len(y) / 2
	shift, scale := y[:n], y[n:]
	mean, variance, in := in[0][:n], in[0][n:], in[1:]
	var bias []T
	if op.bias {
		bias, in = in[len(in)-1], in[:len(in)-1]
	}
	for c := range n {
		s, t := 1/math.Sqrt(float64(variance[c])+op.eps), 0.0
		if len(in) > 0 {
			s *= float64(in[0][c])
			t = float64(in[1][c])
		}
		t -= float64(mean[c]) * s
		if bias != nil {
			t += float64(bias[c]) * s
		}
		scale[c], shift[c] = T(s), T(t)
	}
}

// scaleWeight multiplies the weights of each output by the scale of a foldNorm.
type scaleWeight struct{}

func (scaleWeight) String() string { return "ScaleWeight" }

func (scaleWeight) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op scaleWeight) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, scaleWeightForward[float32], scaleWeightForward[float64])
}

func scaleWeightForward[T kernel.Float](_ scaleWeight, y []T, in [][]T) {
	w, scale := in[0], in[1][len(in[1])/2:]
	each := len(w) / len(scale)
	for c, s := range scale {
		to := y[c*each:][:each]
		for i, v := range w[c*each:][:each] {
			to[i] = v * s
		}
	}
}
