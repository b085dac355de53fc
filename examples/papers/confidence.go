package main

import (
	"image/color"
	"math"
	"os"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/nodes"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// entropy is that of the softmax of logits, in nats.
func entropy(logits []float32) (h float64) {
	top, sum := slices.Max(logits), 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v - top))
	}
	for _, v := range logits {
		if p := math.Exp(float64(v-top)) / sum; p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h
}

func widen(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

// area is that under the ROC curve: how often one of high is above one of low,
// equal ones counting half. 0.5 is chance, 1 is told apart always.
func area(low, high []float64) float64 {
	low = slices.Sorted(slices.Values(low))
	sum := 0.0
	for _, v := range high {
		below, _ := slices.BinarySearch(low, v)
		notAbove, _ := slices.BinarySearchFunc(low, v, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		sum += float64(below+notAbove) / 2
	}
	return sum / float64(len(low)) / float64(len(high))
}

// plotConfidence writes a PNG: accuracy over confidence for each network, then
// the distributions of the entropy.
func plotConfidence(found []confidence, path string) error {
	reliability := plot.New()
	reliability.Title.Text = "right, of predictions that sure"
	reliability.X.Label.Text = "confidence"
	reliability.X.Min, reliability.X.Max, reliability.Y.Min, reliability.Y.Max = 0, 1, 0, 1
	reliability.Legend.Top, reliability.Legend.Left = true, true
	reliability.Legend.XOffs, reliability.Legend.YOffs = vg.Points(6), -vg.Points(6)
	reliability.Add(plotter.NewGrid())
	ideal := plotter.NewFunction(func(x float64) float64 { return x })
	ideal.Dashes = dashes()
	reliability.Add(ideal)
	row := []*plot.Plot{reliability}
	for i, c := range found {
		if err := addReliability(reliability, c.name, c.calibration.Bins(), i); err != nil {
			return err
		}
		p, err := entropies(c)
		if err != nil {
			return err
		}
		row = append(row, p)
	}
	const side = 4 * vg.Inch
	img := vgimg.New(side*vg.Length(len(row)), side*3/4)
	tiles := draw.Tiles{Rows: 1, Cols: len(row), PadX: vg.Points(8), PadLeft: vg.Points(6), PadRight: vg.Points(10), PadTop: vg.Points(8), PadBottom: vg.Points(6)}
	for i, canvas := range plot.Align([][]*plot.Plot{row}, tiles, draw.New(img))[0] {
		row[i].Draw(canvas)
	}
	f, err := os.Create(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(f); err != nil {
		return errors.WithStack(err)
	}
	return errors.WithStack(f.Close())
}

func dashes() []vg.Length { return []vg.Length{vg.Points(4), vg.Points(3)} }

// colours are Okabe and Ito's.
var colours = []color.NRGBA{{0x00, 0x72, 0xB2, 0xFF}, {0xD5, 0x5E, 0x00, 0xFF}, {0x00, 0x9E, 0x73, 0xFF}}

// addReliability draws the bins that hold ten predictions or more: a few say
// nothing about how often such are right.
func addReliability(p *plot.Plot, name string, bins []nodes.CalibrationBin, i int) error {
	var points plotter.XYs
	for _, b := range bins {
		if b.N >= 10 {
			points = append(points, plotter.XY{X: b.Confidence, Y: b.Accuracy})
		}
	}
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return errors.WithStack(err)
	}
	line.Color, line.Width = colours[i], vg.Points(1.5)
	dots.Color, dots.Shape = colours[i], draw.CircleGlyph{}
	p.Add(line, dots)
	p.Legend.Add(name, line, dots)
	return nil
}

// entropies draws how many images have which entropy.
func entropies(c confidence) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = c.name
	p.X.Label.Text = "entropy, nats"
	p.Y.Label.Text = "images"
	p.Legend.Top, p.Legend.XOffs, p.Legend.YOffs = true, -vg.Points(6), -vg.Points(6)
	for i, of := range []struct {
		name string
		h    []float64
	}{{"MNIST", c.inside}, {"Fashion-MNIST", c.outside}} {
		counts := plotter.XYs{{X: 0}, {X: math.Log(10)}} // both have the same bins
		for _, h := range of.h {
			counts = append(counts, plotter.XY{X: h, Y: 1})
		}
		hist, err := plotter.NewHistogram(counts, 40)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		hist.LineStyle.Width = 0
		fill := colours[i]
		fill.A = 0xA0
		hist.FillColor = fill
		p.Add(hist)
		p.Legend.Add(of.name, hist)
	}
	return p, nil
}
