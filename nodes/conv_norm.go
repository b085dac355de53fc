package nodes

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// convNorm is a convolution and its normalisation with constant statistics, as in
// evaluation. Inputs are those of the convolution, then those of the normalisation
// but for the first: x, w, perhaps a bias, the statistics, and perhaps weight and
// bias of the normalisation.
//
// On channels-last memory it is one convolution, as both are linear:
//
//	(conv(x, w) + b - mean)·s + beta = conv(x, s·w) + (b - mean)·s + beta,
//	s = gamma / sqrt(var + eps)
type convNorm struct {
	of   conv
	norm normalize
	relu bool
}

// Absorb implements [graph.Absorber].
func (op normalize) Absorb(i int, by graph.Op) (graph.Op, bool) {
	c, ok := by.(conv)
	if !ok || i != 0 || !op.constant || c.relu {
		return nil, false
	}
	if l := channels(c.y); op.of != l || op.affine != l {
		return nil, false
	}
	relu := op.relu
	op.relu = false
	return convNorm{of: c, norm: op, relu: relu}, true
}

func (op convNorm) String() string {
	return fmt.Sprintf("ConvNorm{%v, %v, relu %v}", op.of, op.norm, op.relu)
}

// A convNormInputs says where the inputs are that not all have, -1 if nowhere.
type convNormInputs struct{ bias, stats, gamma, beta int }

func (convNorm) inputs(n int) convNormInputs {
	return map[int]convNormInputs{
		3: {-1, 2, -1, -1},
		4: {2, 3, -1, -1},
		5: {-1, 2, 3, 4},
		6: {2, 3, 4, 5},
	}[n]
}

func (op convNorm) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if n := len(in); n < 3 || n > 6 {
		return nil, errors.Errorf("got %d inputs, want those of a convolution and of its normalisation", n)
	}
	at := op.inputs(len(in))
	if want := (graph.Shape{2, op.of.g.OC}); !in[at.stats].Eq(want) {
		return nil, errors.Errorf("statistics have shape %v, want %v", in[at.stats], want)
	}
	return op.of.InferShape(in[:at.stats]...)
}

func (op convNorm) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, convNormForward[float32], convNormForward[float64])
}

func convNormForward[T kernel.Float](op convNorm, y []T, in [][]T) {
	stats := op.inputs(len(in)).stats
	convForward(op.of, y, in[:stats])
	normalizeForward(op.norm, y, append([][]T{y}, in[stats:]...))
	if op.relu {
		kernel.ReLU(y, y)
	}
}

func (op convNorm) withReLU() (graph.Op, bool) {
	op.relu = true
	return op, true
}

func (op convNorm) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	to := lastLayout(newConvLast(op.of, forwardPass, op.relu), len(in))
	to.Op = convNormLast{op, to.Op.(convLast)}
	return to
}

// convNormLast is a convNorm on channels-last memory.
type convNormLast struct {
	of   convNorm
	conv convLast
}

func (op convNormLast) String() string { return "Last" + op.of.String() }

func (op convNormLast) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return op.of.InferShape(in...)
}

func (op convNormLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return inSteps(op, y, in)
}

// Split implements [graph.Splitter].
func (op convNormLast) Split(in ...graph.Shape) []graph.Part {
	n, at := len(in), op.of.inputs(len(in))
	fold := graph.Part{Op: foldNorm{eps: op.of.norm.eps, bias: at.bias >= 0}, In: []int{at.stats}}
	for _, i := range []int{at.gamma, at.beta, at.bias} {
		if i >= 0 {
			fold.In = append(fold.In, i)
		}
	}
	return []graph.Part{
		fold,
		{Op: scaleWeight{}, In: []int{1, n}},
		{Op: op.conv.pack(), In: []int{n + 1}},
		{Op: op.conv.convProduct, In: []int{0, n + 2, n}}, // the shift is a bias
	}
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
