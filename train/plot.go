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

// Plot writes a PNG of the training curves: the loss and each metric over the
// epochs, up to four side by side, for training and, where there is any,
// validation. A value that is NaN or infinite leaves a gap. A path that does not
// end in .png is an error, and so is a history without epochs.
func (h *History) Plot(path string) error {
	if h == nil || len(h.Epochs) == 0 {
		return errors.New("train.History.Plot: no epoch to plot")
	}
	if err := plots.CheckPNG(path); err != nil {
		return errors.WithMessage(err, "train.History.Plot")
	}
	const perRow = 4
	names := h.names()
	cols := min(perRow, len(names))
	var rows [][]*plot.Plot
	for some := range slices.Chunk(names, cols) {
		row := make([]*plot.Plot, cols) // the last ones may stay nil
		for i, name := range some {
			row[i] = h.curves(name)
		}
		rows = append(rows, row)
	}
	return errors.WithMessagef(plots.WritePNG(path, rows, nil), "train.History.Plot: %s", path)
}

// curves plots the loss or a metric.
func (h *History) curves(name string) *plot.Plot {
	p := plot.New()
	p.Title.Text = name
	p.X.Label.Text = "epoch"
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(plots.WholeTicks), plot.TickerFunc(plots.RoundTicks)
	p.X.Min, p.X.Max = float64(h.Epochs[0].Number), float64(h.Last().Number)
	p.Legend.Top = name == "loss" // it falls, the metrics rise
	p.Legend.XOffs = -vg.Points(6)
	p.Add(plotter.NewGrid())
	var trained, valid plotter.XYs
	for _, e := range h.Epochs {
		trained = append(trained, point(e.Number, &e.Evaluation, name))
		valid = append(valid, point(e.Number, e.Validation, name))
	}
	add(p, "training", trained, plots.Train)
	add(p, "validation", valid, plots.Valid)
	return p
}

// point is NaN if there is no value to show.
func point(epoch int, e *Evaluation, name string) plotter.XY {
	v, ok := e.measure(name)
	if !ok || math.IsInf(v, 0) {
		v = math.NaN()
	}
	return plotter.XY{X: float64(epoch), Y: v}
}

// add draws a curve with a dot per epoch, unless there are many, in one piece
// between each two gaps.
func add(p *plot.Plot, name string, points plotter.XYs, c color.Color) {
	many, named := len(points) > 50, false
	for len(points) > 0 {
		n := slices.IndexFunc(points, func(xy plotter.XY) bool { return math.IsNaN(xy.Y) })
		if n < 0 {
			n = len(points)
		}
		// The only error is for values that are not finite.
		if lines, dots, err := plotter.NewLinePoints(points[:n]); err == nil && n > 0 {
			lines.Color, lines.Width = c, vg.Points(1.5)
			dots.Color, dots.Shape = c, draw.CircleGlyph{}
			p.Add(lines)
			if !many || n == 1 {
				p.Add(dots)
			}
			if !named {
				p.Legend.Add(name, lines, dots)
			}
			named = true
		}
		points = points[min(n+1, len(points)):]
	}
}
