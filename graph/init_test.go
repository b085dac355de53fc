package graph

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

// The moments of each initialiser against its formula, on a weight with
// fan_in = 50·9 and fan_out = 200·9. With n = 90,000 draws the standard error
// of a mean is std/300 and of a standard deviation at most std/424; five of
// them are allowed.
func TestInitMoments(t *testing.T) {
	shape := Shape{200, 50, 3, 3}
	in, out := 450.0, 1800.0
	for name, c := range map[string]struct {
		init      Init
		mean, std float64
		bound     float64 // 0: none
	}{
		"KaimingUniform": {KaimingUniform(GainReLU), 0, math.Sqrt(2 / in), math.Sqrt(6 / in)},
		"PyTorch's":      {KaimingUniform(1 / math.Sqrt(3)), 0, 1 / math.Sqrt(3*in), 1 / math.Sqrt(in)},
		"KaimingNormal":  {KaimingNormal(GainReLU), 0, math.Sqrt(2 / in), 0},
		"XavierUniform":  {XavierUniform(GainTanh), 0, GainTanh * math.Sqrt(2/(in+out)), GainTanh * math.Sqrt(6/(in+out))},
		"XavierNormal":   {XavierNormal(GainLinear), 0, math.Sqrt(2 / (in + out)), 0},
		"Uniform":        {Uniform(1, 3), 2, 1 / math.Sqrt(3), 3},
		"Normal":         {Normal(-1, 2), -1, 2, 0},
	} {
		w := make([]float64, shape.TotalSize())
		if err := c.init(rand.New(philox.NewSource(philox.KeyOf(1, name), 0)), shape, w); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var sum, squares float64
		for _, v := range w {
			sum += v
			if c.bound > 0 && math.Abs(v) > c.bound {
				t.Errorf("%s: %v is beyond the bound %v", name, v, c.bound)
			}
		}
		n := float64(len(w))
		mean := sum / n
		for _, v := range w {
			squares += (v - mean) * (v - mean)
		}
		if std := math.Sqrt(squares / n); math.Abs(std-c.std) > 5*c.std/math.Sqrt(2*n) {
			t.Errorf("%s: standard deviation %v, want %v", name, std, c.std)
		}
		if math.Abs(mean-c.mean) > 5*c.std/math.Sqrt(n) {
			t.Errorf("%s: mean %v, want %v", name, mean, c.mean)
		}
	}
}

func TestInitErrors(t *testing.T) {
	r := rand.New(philox.NewSource(philox.KeyOf(1, "init"), 0))
	for name, init := range map[string]Init{
		"Uniform(1, 0)":    Uniform(1, 0),
		"Uniform(NaN, 1)":  Uniform(math.NaN(), 1),
		"Normal(0, -1)":    Normal(0, -1),
		"Normal(0, NaN)":   Normal(0, math.NaN()),
		"Kaiming(NaN)":     KaimingNormal(math.NaN()),
		"too few values":   Values([]float64{1}),
		"Xavier(infinite)": XavierUniform(math.Inf(1)),
	} {
		if err := init(r, Shape{2, 3}, make([]float64, 6)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
