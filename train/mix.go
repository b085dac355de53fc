package train

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// A mix is how a batch becomes one of mixtures of its samples.
type mix struct {
	name        string
	alpha       float64
	classes     int
	probability float64
	images      func(r *rand.Rand, lambda float64, x *tensor.Dense, partner []int) (out *tensor.Dense, share float64, err error)
}

// A MixOption adjusts one [Mixup] or [CutMix].
type MixOption func(*mix)

// MixProbability makes only a part of the batches mixtures, each with probability p; 1
// by default. In the others targets alone change, to probabilities, so that all batches
// are of one kind.
func MixProbability(p float64) MixOption { return func(m *mix) { m.probability = p } }

func (m mix) transform(opts []MixOption) BatchTransform {
	m.probability = 1
	guard.Apply(&m, opts)
	var err error
	switch {
	case !(m.alpha > 0) || math.IsInf(m.alpha, 0):
		err = errors.Errorf("%s: alpha is %v, want a finite value > 0", m.name, m.alpha)
	case !(m.probability >= 0 && m.probability <= 1):
		err = errors.Errorf("%s: MixProbability is %v, want 0 ≤ p ≤ 1", m.name, m.probability)
	}
	return func(r *rand.Rand, b *Batch) error {
		if err != nil {
			return err
		}
		return errors.WithMessage(m.apply(r, b), m.name)
	}
}

// apply draws in a fixed order: whether to mix, the share, the partners.
func (m mix) apply(r *rand.Rand, b *Batch) error {
	x, err := single(b.X)
	if err != nil {
		return err
	}
	t, err := probabilities(b.T, m.classes)
	if err != nil {
		return err
	}
	if r.Float64() < m.probability {
		lambda, partner := beta(r, m.alpha), r.Perm(b.samples())
		if x, lambda, err = m.images(r, lambda, x, partner); err != nil {
			return err
		}
		t = blend(t, partner, lambda)
	}
	b.X, b.T = x, t
	return nil
}

// probabilities returns targets that can be mixed, of float32: values as they are, and
// a class as 1 at its place among zeros.
func probabilities(t *tensor.Dense, classes int) (*tensor.Dense, error) {
	v, err := single(t)
	if err != nil {
		return nil, errors.WithMessage(err, "the target")
	}
	if dt := t.Dtype(); dt == tensor.Float32 || dt == tensor.Float64 {
		return v, nil
	}
	if t.Dims() != 1 {
		return nil, errors.Errorf("the target has shape %v, want one class for each sample, or values", t.Shape())
	}
	if classes < 2 || classes > maxClasses {
		return nil, errors.Errorf("classes is %d, want at least 2 and at most %d for a target of classes", classes, maxClasses)
	}
	out := make([]float32, t.Shape()[0]*classes)
	for i, c := range v.Float32s() {
		if !(c >= 0 && c < float32(classes)) {
			return nil, errors.Errorf("the target of sample %d is %v, want 0 ≤ class < %d", i, c, classes)
		}
		out[i*classes+int(c)] = 1
	}
	return tensor.New(tensor.WithShape(t.Shape()[0], classes), tensor.WithBacking(out)), nil
}

const maxClasses = 1 << 20

// blend returns lambda of each row of x and the rest of its partner.
func blend(x *tensor.Dense, partner []int, lambda float64) *tensor.Dense {
	from := x.Float32s()
	out, width := make([]float32, len(from)), len(from)/len(partner)
	for i, p := range partner {
		a, b := from[i*width:][:width], from[p*width:][:width]
		for k, v := range a {
			out[i*width+k] = float32(lambda*float64(v) + (1-lambda)*float64(b[k]))
		}
	}
	return tensor.New(tensor.WithShape(x.Shape().Clone()...), tensor.WithBacking(out))
}
