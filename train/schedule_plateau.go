package train

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// ReduceOnPlateau multiplies the rate by a factor when the watched metric, of
// which lower is better, has stopped falling. It is told at the end of every
// epoch, and counts how many in a row are bad:
//
//	an epoch is good, and its metric the new best, if metric < best · (1 - threshold)
//	after more than patience bad ones, lr ← max(lr · factor, minLR)
//
// and the count starts again; in the cooldown epochs after a reduction none is
// counted. A reduction by less than 1e-8 is not made. A NaN is bad.
//
// It works out the rate from all of [Progress].Metrics, so it needs no memory
// of its own. In PyTorch: ReduceLROnPlateau, with these defaults: factor 0.1,
// patience 10, threshold 1e-4, cooldown 0, minLR 0.
func ReduceOnPlateau(opts ...PlateauOption) Schedule {
	p := plateau{factor: 0.1, patience: 10, threshold: 1e-4}
	guard.Apply(&p, opts)
	err := p.check()
	return func(base float64, at Progress) (float64, error) {
		if err != nil {
			return 0, errors.WithMessage(err, "train.ReduceOnPlateau")
		}
		if len(at.Metrics) < at.Epoch() {
			return 0, errors.Errorf("train.ReduceOnPlateau: Progress.Metrics has %d values after %d epochs, want one for each",
				len(at.Metrics), at.Epoch())
		}
		return p.after(base, at.Metrics), nil
	}
}

// A PlateauOption adjusts [ReduceOnPlateau].
type PlateauOption func(*plateau)

// Factor sets what a reduction multiplies the rate by. The default is 0.1.
// 0 ≤ f < 1.
func Factor(f float64) PlateauOption { return func(p *plateau) { p.factor = f } }

// Patience sets how many bad epochs in a row are borne: the next one reduces
// the rate. The default is 10. epochs ≥ 0.
func Patience(epochs int) PlateauOption { return func(p *plateau) { p.patience = epochs } }

// Threshold sets by which part of the best metric a new one must be lower. The
// default is 1e-4. 0 ≤ t < 1.
func Threshold(t float64) PlateauOption { return func(p *plateau) { p.threshold = t } }

// Cooldown sets for how many epochs after a reduction none counts as bad. The
// default is 0. epochs ≥ 0.
func Cooldown(epochs int) PlateauOption { return func(p *plateau) { p.cooldown = epochs } }

// MinLR sets the rate below which none is reduced. The default is 0.
// 0 ≤ lr < ∞.
func MinLR(lr float64) PlateauOption { return func(p *plateau) { p.minLR = lr } }

type plateau struct {
	factor, threshold, minLR float64
	patience, cooldown       int
}

// minReduction is PyTorch's eps.
const minReduction = 1e-8

func (p plateau) check() error {
	for _, err := range []error{
		checkRange("factor", p.factor, 0, 1),
		checkRange("threshold", p.threshold, 0, 1),
		checkRange("minLR", p.minLR, 0, math.Inf(1)),
		checkRange("patience", float64(p.patience), 0, math.Inf(1)),
		checkRange("cooldown", float64(p.cooldown), 0, math.Inf(1)),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// after replays the metrics.
func (p plateau) after(lr float64, metrics []float64) float64 {
	best, bad, cooling := math.Inf(1), 0, 0
	for _, m := range metrics {
		if m < best*(1-p.threshold) {
			best, bad = m, 0
		} else {
			bad++
		}
		if cooling > 0 {
			cooling--
			bad = 0
		}
		if bad <= p.patience {
			continue
		}
		if lower := max(lr*p.factor, p.minLR); lr-lower > minReduction {
			lr = lower
		}
		bad, cooling = 0, p.cooldown
	}
	return lr
}
