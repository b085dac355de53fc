package train

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Plot writes a PNG of the loss over the learning rate, whose axis is logarithmic, with the
// [LRCurve.Suggestion]. A path that does not end in .png is an error, and so is a curve of
// fewer than 2 steps.
func (c *LRCurve) Plot(path string) error {
	if c == nil || len(c.Rates) < 2 {
		return errors.New("train.LRCurve.Plot: there are fewer than 2 steps to plot")
	}
	if err := plots.CheckPNG(path); err != nil {
		return errors.WithMessage(err, "train.LRCurve.Plot")
	}
	p := plot.New()
	p.Title.Text = "learning-rate range test"
	p.X.Label.Text, p.Y.Label.Text = "learning rate", "loss"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(plots.PowerTicks)
	p.Y.Tick.Marker = plot.TickerFunc(plots.RoundTicks)
	p.X.Min, p.X.Max = c.Rates[0], c.Rates[len(c.Rates)-1]
	p.Y.Min, p.Y.Max = c.bounds()
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs = vg.Points(6)
	p.Add(plotter.NewGrid())
	for _, l := range []struct {
		name   string
		values []float64
		width  vg.Length
	}{{"of a batch", c.Losses, 0.5}, {"smoothed", c.Smoothed, 2}} {
		var points plotter.XYs
		for i, v := range l.values {
			points = append(points, plotter.XY{X: c.Rates[i], Y: min(v, p.Y.Max)})
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return errors.Wrap(err, "train.LRCurve.Plot")
		}
		line.Color, line.Width = plots.Train, vg.Points(float64(l.width))
		p.Add(line)
		p.Legend.Add(l.name, line)
	}
	if rate, err := c.Suggestion(); err == nil {
		line, err := plotter.NewLine(plotter.XYs{{X: rate, Y: p.Y.Min}, {X: rate, Y: c.Smoothed[0]}}) // below the legend
		if err != nil {
			return errors.Wrap(err, "train.LRCurve.Plot")
		}
		line.Color, line.Width = plots.Valid, vg.Points(1.5)
		line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		p.Add(line)
		p.Legend.Add(fmt.Sprintf("suggested: %.1e", rate), line)
	}
	return errors.WithMessagef(plots.WritePNG(path, [][]*plot.Plot{{p}}, nil), "train.LRCurve.Plot: %s", path)
}

// bounds returns those of the axis of the loss. The first loss is in the middle: what
// diverges would flatten the rest, and the legend is above the first half. A loss that
// does not fall is shown whole.
func (c *LRCurve) bounds() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for i, v := range c.Losses {
		lo, hi = min(lo, v, c.Smoothed[i]), max(hi, c.Smoothed[i])
	}
	if _, err := c.Suggestion(); err == nil {
		hi = 2*c.Smoothed[0] - lo
	}
	return lo, hi
}
