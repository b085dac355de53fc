package train

import (
	"image/color"
	"io"

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
// epochs, side by side, for training and, where there is any, validation.
func (h *History) Plot(path string) error {
	if len(h.Epochs) == 0 {
		return errors.New("train.History.Plot: no epoch to plot")
	}
	plots := []*plot.Plot{h.curves("loss", func(e Evaluation) float64 { return e.Loss })}
	for i, s := range h.Epochs[0].Scores {
		plots = append(plots, h.curves(s.Name, func(e Evaluation) float64 { return e.Scores[i].Value }))
	}
	const side = 4 * vg.Inch
	img := vgimg.New(side*vg.Length(len(plots)), side*3/4)
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: vg.Points(8), PadLeft: vg.Points(6), PadRight: vg.Points(10), PadTop: vg.Points(8), PadBottom: vg.Points(6)}
	for i, canvas := range plot.Align([][]*plot.Plot{plots}, tiles, draw.New(img))[0] {
		plots[i].Draw(canvas)
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := vgimg.PngCanvas{Canvas: img}.WriteTo(w)
		return err
	})
	return errors.WithMessage(err, "train.History.Plot")
}

// curves plots one value per epoch.
func (h *History) curves(name string, value func(Evaluation) float64) *plot.Plot {
	p := plot.New()
	p.Title.Text = name
	p.X.Label.Text = "epoch"
	p.Legend.Top = name == "loss" // it falls, the metrics rise
	p.Add(plotter.NewGrid())
	var trained, valid plotter.XYs
	for _, e := range h.Epochs {
		trained = append(trained, plotter.XY{X: float64(e.Number), Y: value(e.Evaluation)})
		if e.Validation != nil {
			valid = append(valid, plotter.XY{X: float64(e.Number), Y: value(*e.Validation)})
		}
	}
	add(p, "training", trained, trainColour)
	add(p, "validation", valid, validColour)
	return p
}

// add draws a curve with a dot per epoch. Its errors are for values that are
// not finite, which a history does not hold, and for none, which are left out.
func add(p *plot.Plot, name string, points plotter.XYs, c color.Color) {
	lines, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return
	}
	lines.Color, lines.Width = c, vg.Points(1.5)
	dots.Color, dots.Shape = c, draw.CircleGlyph{}
	p.Add(lines, dots)
	p.Legend.Add(name, lines, dots)
}
