package train

import (
	"image/color"
	"math"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Plot writes a PNG with a row of panels for each measure: the training curves,
// those of validation, and the test results; what was not measured has no panel. The
// legend is to the right of them all.
// A curve is the mean over the seeds and folds, its band one standard deviation to both
// sides; a test result is a dot for each run and a bar for the mean. Where runs
// ended early, the mean is over those that did not. Errors are a path that does not
// end in .png, a measure that is not among [Comparison.Measures], and a comparison
// without runs.
func (c *Comparison) Plot(path string, measures ...string) error {
	if err := c.check(measures...); err != nil {
		return errors.WithMessage(err, "train.Comparison.Plot")
	}
	if err := plots.CheckPNG(path); err != nil {
		return errors.WithMessage(err, "train.Comparison.Plot")
	}
	if len(measures) == 0 {
		measures = c.Measures()
	}
	panels := []func(measure) *plot.Plot{
		func(m measure) *plot.Plot { return c.curves(m, "training", ofTraining) },
	}
	if slices.ContainsFunc(c.Runs, func(r Run) bool { return r.History.Last().Validation != nil }) {
		panels = append(panels, func(m measure) *plot.Plot { return c.curves(m, "validation", ofValidation) })
	}
	if slices.ContainsFunc(c.Runs, func(r Run) bool { return r.Test != nil }) {
		panels = append(panels, c.tests)
	}
	var rows [][]*plot.Plot
	for _, name := range measures {
		var row []*plot.Plot
		for _, panel := range panels {
			row = append(row, panel(measureOf(name)))
		}
		rows = append(rows, row)
	}
	return errors.WithMessagef(plots.WritePNG(path, rows, c.legend()), "train.Comparison.Plot: %s", path)
}

func ofTraining(e Epoch) *Evaluation   { return &e.Evaluation }
func ofValidation(e Epoch) *Evaluation { return e.Validation }

// legend names the variants, in the colours that all panels have for them.
func (c *Comparison) legend() *plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left, l.Padding = true, true, vg.Points(2)
	for i, v := range c.variants {
		l.Add(v, &plotter.Line{LineStyle: draw.LineStyle{Color: colourOf(i), Width: vg.Points(1.5)}})
	}
	return &l
}

func colourOf(variant int) color.NRGBA { return plots.Palette[variant%len(plots.Palette)] }

// curves plots a measure over the epochs.
func (c *Comparison) curves(m measure, title string, of func(Epoch) *Evaluation) *plot.Plot {
	p := plot.New()
	p.Title.Text = title + " " + m.label
	p.X.Label.Text = "epoch"
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(plots.WholeTicks), plot.TickerFunc(plots.RoundTicks)
	p.Add(plotter.NewGrid())
	for i, v := range c.variants {
		means, band := c.curve(v, m, of)
		fill := colourOf(i)
		fill.A = 0x38
		if polygon, err := plotter.NewPolygon(band); err == nil && len(band) > 2 {
			polygon.Color, polygon.LineStyle.Width = fill, 0
			p.Add(polygon)
		}
		// The only error is for values that are not finite, or for none.
		if line, err := plotter.NewLine(means); err == nil {
			line.Color, line.Width = colourOf(i), vg.Points(1.5)
			p.Add(line)
		}
	}
	return p
}

// curve returns the means of a variant, and the outline of their band: the upper
// edge forth, the lower one back.
func (c *Comparison) curve(variant string, m measure, of func(Epoch) *Evaluation) (means, band plotter.XYs) {
	var lower plotter.XYs
	runs := c.of(variant)
	for n := 0; ; n++ {
		var values []float64
		for _, r := range runs {
			if n >= len(r.History.Epochs) {
				continue
			}
			if v, ok := m.of(of(r.History.Epochs[n])); ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			break
		}
		s, x := spreadOf(values), float64(n+1)
		means = append(means, plotter.XY{X: x, Y: s.Mean})
		if s.N > 1 {
			band = append(band, plotter.XY{X: x, Y: s.Mean + s.Std})
			lower = append(lower, plotter.XY{X: x, Y: s.Mean - s.Std})
		}
	}
	slices.Reverse(lower)
	return means, append(band, lower...)
}

// tests plots the test results of a measure, the variants beside each other.
func (c *Comparison) tests(m measure) *plot.Plot {
	p := plot.New()
	p.Title.Text = "test " + m.label
	p.X.Min, p.X.Max = -0.5, float64(len(c.variants))-0.5
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(nil), plot.TickerFunc(plots.RoundTicks)
	p.X.Label.Text = "variant"
	p.Add(plotter.NewGrid())
	for i, v := range c.variants {
		var dots plotter.XYs
		var values []float64
		for _, r := range c.of(v) {
			if y, ok := m.of(r.Test); ok && !math.IsNaN(y) && !math.IsInf(y, 0) {
				dots, values = append(dots, plotter.XY{X: float64(i), Y: y}), append(values, y)
			}
		}
		if len(dots) == 0 {
			continue
		}
		mean := spreadOf(values).Mean
		bar := plotter.XYs{{X: float64(i) - 0.3, Y: mean}, {X: float64(i) + 0.3, Y: mean}}
		// The only error is for values that are not finite.
		if scatter, err := plotter.NewScatter(dots); err == nil {
			scatter.Color, scatter.Shape = colourOf(i), draw.CircleGlyph{}
			p.Add(scatter)
		}
		if line, err := plotter.NewLine(bar); err == nil {
			line.Color, line.Width = colourOf(i), vg.Points(2)
			p.Add(line)
		}
	}
	return p
}
