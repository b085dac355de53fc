package train

import (
	"image"

	"github.com/pkg/errors"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// A glyph is drawn once per font, at twice the size of an image, and resampled
// for every image.
const (
	glyphScale  = 2
	glyphSide   = glyphScale * digitSide
	glyphHeight = glyphScale * 20 // of the 28 pixels, as in MNIST
)

// glyph is a digit with its ink in the middle: per pixel, the part that is
// ink, 0 to 1.
type glyph [glyphSide * glyphSide]float32

// typeface is the ten digits of a font.
type typeface [10]glyph

// goFonts draws the digits of all the Go fonts. The order of the list is part
// of what a seed means.
func goFonts() ([]typeface, error) {
	files := [][]byte{
		goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF,
		gomedium.TTF, gomediumitalic.TTF,
		gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gomonobolditalic.TTF,
		gosmallcaps.TTF, gosmallcapsitalic.TTF,
	}
	faces := make([]typeface, len(files))
	err := parallel(len(files), func(i int) error {
		return errors.WithMessagef(faces[i].draw(files[i]), "font %d", i)
	})
	return faces, err
}

// draw fills the typeface from a font file.
func (t *typeface) draw(ttf []byte) error {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return errors.Wrap(err, "parse")
	}
	size, err := sizeFor(f, glyphHeight)
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return errors.Wrap(err, "face")
	}
	defer face.Close()
	for d := range t {
		area, mask, at, _, ok := face.Glyph(fixed.Point26_6{}, rune('0'+d))
		if !ok {
			return errors.Errorf("no glyph for digit %d", d)
		}
		if area.Dx() > glyphSide || area.Dy() > glyphSide {
			return errors.Errorf("digit %d is %d x %d, want at most %d x %d", d, area.Dx(), area.Dy(), glyphSide, glyphSide)
		}
		t[d].fill(mask, at, area.Size())
	}
	return nil
}

// sizeFor returns the size at which the zero of a font is of the given height.
func sizeFor(f *opentype.Font, height float64) (float64, error) {
	const trial = 1000
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: trial, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return 0, errors.Wrap(err, "face")
	}
	defer face.Close()
	b, _, ok := face.GlyphBounds('0')
	if !ok || b.Max.Y <= b.Min.Y {
		return 0, errors.New("no glyph for digit 0")
	}
	return trial * height * 64 / float64(b.Max.Y-b.Min.Y), nil
}

// fill puts the ink of a mask in the middle.
func (g *glyph) fill(mask image.Image, at, size image.Point) {
	left, top := (glyphSide-size.X)/2, (glyphSide-size.Y)/2
	for y := range size.Y {
		for x := range size.X {
			_, _, _, a := mask.At(at.X+x, at.Y+y).RGBA()
			g[(top+y)*glyphSide+left+x] = float32(a) / 0xffff
		}
	}
}

// at returns the ink at a place between pixels, bilinear, and 0 outside.
func (g *glyph) at(u, v float32) float32 {
	if !(u >= 0 && u < glyphSide-1 && v >= 0 && v < glyphSide-1) {
		return 0 // the outermost pixels are empty, so nothing is cut off
	}
	x, y := int(u), int(v)
	fx, fy := u-float32(x), v-float32(y)
	p := g[y*glyphSide+x:]
	top := p[0] + fx*(p[1]-p[0])
	bottom := p[glyphSide] + fx*(p[glyphSide+1]-p[glyphSide])
	return top + fy*(bottom-top)
}
