package train

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// Uncertainty is what T draws y_k of a model say of each sample, by
// [PredictMonteCarlo].
type Uncertainty struct {
	// Mean is Σ y_k / T, of the shape that [Predict] returns: of outputs, or of
	// probabilities with [Softmax].
	Mean *tensor.Dense

	// Variance is Σ (y_k - Mean)² / T, of the same shape: that of the draws, not an
	// estimate for more of them, which has T-1 below. With [Precision] it has the
	// noise of the targets too.
	Variance *tensor.Dense

	// Entropy is that of the mean over the classes c in nats, H(p) = -Σ p_c ln p_c,
	// of shape (n) or (n, ...): all the uncertainty there is. It is nil without
	// [Softmax].
	Entropy *tensor.Dense

	// MutualInformation is the entropy of the mean minus the mean of the entropies
	// of the draws, of the same shape: the part of the uncertainty that comes of
	// what the draws disagree on, high for inputs unlike the training data. What is
	// left is in the data. It is nil without [Softmax].
	MutualInformation *tensor.Dense

	logits bool // Mean is of probabilities
}

// Score measures the mean against the targets of the same data, which makes it
// comparable to what [Evaluate] says of the prediction in one pass. A metric gets
// the mean, or with [Softmax] its logarithm: logits of the mean probabilities.
func (u *Uncertainty) Score(ctx context.Context, data Dataset, metrics ...nodes.Metric) ([]Score, error) {
	if u == nil || u.Mean == nil {
		return nil, errors.New("train.Uncertainty.Score: there is no prediction: use train.PredictMonteCarlo")
	}
	var e Evaluation
	err := guard.Call("a metric", func() (err error) {
		e, err = u.score(ctx, data, metrics)
		return err
	})
	return e.Scores, guard.At("train.Uncertainty.Score", err)
}

// scoreBatch is how many samples a metric sees at once.
const scoreBatch = 256

func (u *Uncertainty) score(ctx context.Context, data Dataset, metrics []nodes.Metric) (Evaluation, error) {
	if err := checkMetrics(metrics); err != nil {
		return Evaluation{}, err
	}
	l, err := NewLoader(data, scoreBatch)
	if err != nil {
		return Evaluation{}, err
	}
	shape := u.Mean.Shape().Clone()
	if l.n != shape[0] {
		return Evaluation{}, errors.Errorf("the data set has %d samples, the prediction %d", l.n, shape[0])
	}
	mean := float64s(u.Mean)
	if u.logits {
		for i, p := range mean {
			mean[i] = math.Log(p)
		}
	}
	size, sum := len(mean)/shape[0], newScores(metrics)
	for b, err := range l.Epoch(ctx, 0) {
		if err != nil {
			return Evaluation{}, err
		}
		shape[0] = b.samples()
		y := ofType(tensor.Float64, mean[:shape[0]*size], shape)
		mean = mean[shape[0]*size:]
		if err := sum.add(graph.Result{Output: y}, b); err != nil {
			return Evaluation{}, l.blame(err, 0, b.Index)
		}
	}
	return sum.evaluation(), nil
}

// predictMonteCarlo adds the draws up by Welford's recurrence, which does not
// cancel.
func predictMonteCarlo(ctx context.Context, mc *monteCarlo, data Dataset) (*Uncertainty, error) {
	var mean, squares, within []float64 // within: Σ H(y_k)
	var inner int
	classes := mc.m.OutputShape()
	shape, err := mc.each(ctx, data, func(sample, k int, y []float64) {
		at := sample * len(y)
		if k == 0 {
			mean, squares = append(mean, make([]float64, len(y))...), append(squares, make([]float64, len(y))...)
		}
		for i, v := range y {
			d := v - mean[at+i]
			mean[at+i] += d / float64(k+1)
			squares[at+i] += d * (v - mean[at+i])
		}
		if mc.softmax {
			inner = len(y) / classes[1]
			if k == 0 {
				within = append(within, make([]float64, inner)...)
			}
			for i := range inner {
				within[sample*inner+i] += entropy(y[i:], classes[1], inner)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range squares {
		squares[i] /= float64(mc.draws)
		if mc.tau != nil {
			squares[i] += 1 / *mc.tau
		}
	}
	dt := mc.m.Dtype()
	u := &Uncertainty{Mean: ofType(dt, mean, shape), Variance: ofType(dt, squares, shape), logits: mc.softmax}
	if mc.softmax {
		u.entropies(mean, within, shape, inner, mc.draws, dt)
	}
	return u, nil
}

// entropies sets those of the mean, and what of them the draws disagree on.
func (u *Uncertainty) entropies(mean, within []float64, shape tensor.Shape, inner, draws int, dt tensor.Dtype) {
	total, mutual := make([]float64, len(within)), make([]float64, len(within))
	for i := range total {
		total[i] = entropy(mean[i/inner*inner*shape[1]+i%inner:], shape[1], inner)
		mutual[i] = max(0, total[i]-within[i]/float64(draws)) // below 0 it is rounding
	}
	of := append(tensor.Shape{shape[0]}, shape[2:]...)
	u.Entropy, u.MutualInformation = ofType(dt, total, of), ofType(dt, mutual, of)
}

// entropy is that of probabilities which lie stride apart.
func entropy(p []float64, classes, stride int) float64 {
	h := 0.0
	for c := range classes {
		if v := p[c*stride]; v != 0 { // NaN stays NaN
			h -= v * math.Log(v)
		}
	}
	return h
}

// softmaxOver turns the logits of one sample, (classes, ...), to probabilities.
func softmaxOver(y []float64, classes int) {
	inner := len(y) / classes
	for i := range inner {
		top, sum := math.Inf(-1), 0.0
		for c := range classes {
			top = max(top, y[c*inner+i])
		}
		for c := range classes {
			y[c*inner+i] = math.Exp(y[c*inner+i] - top)
			sum += y[c*inner+i]
		}
		for c := range classes {
			y[c*inner+i] /= sum
		}
	}
}
