package train

import (
	"image/color"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The curves of training and of validation; a pair that the colour-blind tell
// apart, from Okabe and Ito's palette.
var (
	trainColour = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	validColour = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
)

// Plot writes a PNG of the training curves: the loss and each metric over the
// epochs, up to four side by side, for training and, where there is any,
// validation. A value that is NaN or infinite leaves a gap. A path that does not
// end in .png is an error, and so is a history without epochs.
func (h *History) Plot(path string) error {
	if h == nil || len(h.Epochs) == 0 {
		return errors.New("train.History.Plot: no epoch to plot")
	}
	if err := checkPNG(path); err != nil {
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
	return errors.WithMessagef(writePNG(path, rows, nil), "train.History.Plot: %s", path)
}

// checkPNG wants a path of a PNG.
func checkPNG(path string) error {
	ext := filepath.Ext(path)
	switch {
	case strings.EqualFold(ext, ".png"):
		return nil
	case ext == "":
		ext = "no extension"
	}
	return errors.Errorf("path ends in %s, want .png: pictures are PNG", ext)
}

// margin is that of a legend.
const margin = vg.Length(8)

// writePNG draws plots in rows of the same number, and a legend to the right of them
// if there is one; a plot that is nil leaves its place empty.
func writePNG(path string, rows [][]*plot.Plot, legend *plot.Legend) error {
	const side = 4 * vg.Inch
	cols := len(rows[0])
	width, height := side*vg.Length(cols), side*3/4*vg.Length(len(rows))
	beside := vg.Length(0)
	if legend != nil {
		size := legend.Rectangle(draw.New(vgimg.New(width, height))).Size()
		beside, height = size.X+margin, max(height, size.Y+2*margin)
	}
	img := vgimg.New(width+beside, height)
	if legend != nil {
		legend.Draw(draw.Crop(draw.New(img), width, -margin, margin, -margin))
	}
	tiles := draw.Tiles{
		Rows: len(rows), Cols: cols, PadX: vg.Points(8), PadY: vg.Points(8),
		PadLeft: vg.Points(6), PadRight: vg.Points(10), PadTop: vg.Points(8), PadBottom: vg.Points(6),
	}
	for j, canvases := range plot.Align(rows, tiles, draw.Crop(draw.New(img), 0, -beside, 0, 0)) {
		for i, canvas := range canvases {
			if p := rows[j][i]; p != nil {
				p.Draw(canvas)
			}
		}
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := vgimg.PngCanvas{Canvas: img}.WriteTo(w)
		return err
	})
}

// curves plots the loss or a metric.
func (h *History) curves(name string) *plot.Plot {
	p := plot.New()
	p.Title.Text = name
	p.X.Label.Text = "epoch"
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(wholeTicks), plot.TickerFunc(roundTicks)
	p.X.Min, p.X.Max = float64(h.Epochs[0].Number), float64(h.Last().Number)
	p.Legend.Top = name == "loss" // it falls, the metrics rise
	p.Legend.XOffs = -vg.Points(6)
	p.Add(plotter.NewGrid())
	var trained, valid plotter.XYs
	for _, e := range h.Epochs {
		trained = append(trained, point(e.Number, &e.Evaluation, name))
		valid = append(valid, point(e.Number, e.Validation, name))
	}
	add(p, "training", trained, trainColour)
	add(p, "validation", valid, validColour)
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
