// Package plots draws plots into PNG files: their layout, their axes and their colours.
package plots

import (
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/atomicfile"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Palette is Okabe and Ito's, whose colours the colour-blind tell apart.
var Palette = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, {0xD5, 0x5E, 0x00, 0xFF}, {0x00, 0x9E, 0x73, 0xFF}, {0xCC, 0x79, 0xA7, 0xFF},
	{0xE6, 0x9F, 0x00, 0xFF}, {0x56, 0xB4, 0xE9, 0xFF}, {0x00, 0x00, 0x00, 0xFF}, {0xF0, 0xE4, 0x42, 0xFF},
}

// The colours of training and of validation, a pair of the palette.
var (
	Train = Palette[0]
	Valid = Palette[1]
)

// CheckPNG wants a path of a PNG.
func CheckPNG(path string) error {
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

// WritePNG draws plots in rows of the same number, and a legend to the right of them
// if there is one; a plot that is nil leaves its place empty.
func WritePNG(path string, rows [][]*plot.Plot, legend *plot.Legend) error {
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
