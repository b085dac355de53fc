package graph

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// An Init fills w, the elements of a parameter of the given shape in row-major
// order, drawing from r. Weights have shape (out, in, kernel...), so that
//
//	fan_in = in · kernel,   fan_out = out · kernel.
type Init func(r *rand.Rand, shape Shape, w []float64) error

// Zeros fills with 0.
func Zeros() Init { return Constant(0) }

// Ones fills with 1.
func Ones() Init { return Constant(1) }

// Constant fills with v.
func Constant(v float64) Init {
	return func(_ *rand.Rand, _ Shape, w []float64) error {
		for i := range w {
			w[i] = v
		}
		return nil
	}
}

// Values copies v, given in row-major order.
func Values(v []float64) Init {
	return func(_ *rand.Rand, shape Shape, w []float64) error {
		if len(v) != len(w) {
			return errors.Errorf("got %d values for shape %v, want %d", len(v), shape, len(w))
		}
		copy(w, v)
		return nil
	}
}

// Uniform draws from [lo, hi).
func Uniform(lo, hi float64) Init {
	return func(r *rand.Rand, _ Shape, w []float64) error {
		if !(lo <= hi) || math.IsInf(hi-lo, 0) {
			return errors.Errorf("Uniform(%v, %v): want finite lo ≤ hi", lo, hi)
		}
		for i := range w {
			w[i] = lo + (hi-lo)*r.Float64()
		}
		return nil
	}
}

// Normal draws from the normal distribution.
func Normal(mean, std float64) Init {
	return func(r *rand.Rand, _ Shape, w []float64) error {
		if !(std >= 0) || math.IsInf(std, 0) {
			return errors.Errorf("Normal: std is %v, want a finite value ≥ 0", std)
		}
		for i := range w {
			w[i] = mean + std*r.NormFloat64()
		}
		return nil
	}
}

// Gains of the usual nonlinearities, as torch.nn.init.calculate_gain gives them.
const (
	GainLinear = 1.0
	GainTanh   = 5.0 / 3
	GainReLU   = math.Sqrt2
)

// KaimingUniform draws from U(-b, b), b = gain·√(3 / fan_in). Use [GainReLU]
// before a ReLU; a gain of 1/√3 is PyTorch's default for Linear and Conv.
//
// Source: He et al., Delving Deep into Rectifiers, ICCV 2015,
// https://arxiv.org/abs/1502.01852.
func KaimingUniform(gain float64) Init {
	return scaled("KaimingUniform", uniform1, func(in, _ float64) float64 { return gain / math.Sqrt(in) })
}

// KaimingNormal draws from N(0, s²), s = gain / √fan_in. With [GainLinear] it
// is LeCun's, for SELU. Source: as [KaimingUniform].
func KaimingNormal(gain float64) Init {
	return scaled("KaimingNormal", normal1, func(in, _ float64) float64 { return gain / math.Sqrt(in) })
}

// XavierUniform draws from U(-b, b), b = gain·√(6 / (fan_in + fan_out)).
//
// Source: Glorot, Bengio, Understanding the difficulty of training deep
// feedforward neural networks, AISTATS 2010.
func XavierUniform(gain float64) Init {
	return scaled("XavierUniform", uniform1, func(in, out float64) float64 { return gain * math.Sqrt(2/(in+out)) })
}

// XavierNormal draws from N(0, s²), s = gain·√(2 / (fan_in + fan_out)).
// Source: as [XavierUniform].
func XavierNormal(gain float64) Init {
	return scaled("XavierNormal", normal1, func(in, out float64) float64 { return gain * math.Sqrt(2/(in+out)) })
}

// uniform1 and normal1 draw with standard deviation 1.
func uniform1(r *rand.Rand) float64 { return math.Sqrt(3) * (2*r.Float64() - 1) }
func normal1(r *rand.Rand) float64  { return r.NormFloat64() }

func scaled(name string, draw func(*rand.Rand) float64, std func(in, out float64) float64) Init {
	return func(r *rand.Rand, shape Shape, w []float64) error {
		in, out, err := fans(shape)
		if err != nil {
			return errors.WithMessage(err, name)
		}
		s := std(in, out)
		if !(s >= 0) || math.IsInf(s, 0) {
			return errors.Errorf("%s: standard deviation is %v, want a finite value ≥ 0; is the gain right?", name, s)
		}
		for i := range w {
			w[i] = s * draw(r)
		}
		return nil
	}
}

// fans returns the number of inputs and outputs of one unit.
func fans(shape Shape) (in, out float64, err error) {
	if shape.Dims() < 2 {
		return 0, 0, errors.Errorf("shape is %v, want (out, in, ...): fans need two axes", shape)
	}
	kernel := 1
	for _, d := range shape[2:] {
		kernel *= d
	}
	return float64(shape[1] * kernel), float64(shape[0] * kernel), nil
}
