package train

import (
	"bufio"
	"bytes"
	"image"
	_ "image/gif" // the three formats that image.Decode is to know
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"golang.org/x/image/draw"
	"gorgonia.org/tensor"
)

// maxPixels bounds an image before it is decoded: a file of a few bytes can
// claim to be of any size.
const maxPixels = 64_000_000

// pixelsPerByte is what an image can have at best, and few have: PNG packs 1032
// bytes into one by deflate, and 8 pixels into each of those. Memory for all pixels
// is taken before there is a second look at the file.
const (
	pixelsPerByte = 1032 * 8
	pixelsAnyway  = 1 << 20
)

// imageSize returns the size of the image in a file without decoding it.
func imageSize(path string) (w, h int, err error) {
	f, whole, err := openWhole(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	return sizeOf(whole, whole.size)
}

// sizeOf reads the header of an image in a file of size bytes.
func sizeOf(r io.Reader, size int64) (w, h int, err error) {
	c, _, err := image.DecodeConfig(r)
	if err != nil {
		return 0, 0, errors.Wrap(err, "decode header")
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPixels/c.Height {
		return 0, 0, errors.Errorf("claims to be %d x %d, want at least 1 x 1 and at most %d pixels", c.Width, c.Height, maxPixels)
	}
	if int64(c.Width*c.Height) > pixelsAnyway+pixelsPerByte*size {
		return 0, 0, errors.Errorf("claims to be %d x %d in a file of %d bytes, more than can be in it", c.Width, c.Height, size)
	}
	return c.Width, c.Height, nil
}

// openImage decodes a file of a size that is acceptable.
func openImage(path string) (image.Image, error) {
	f, whole, err := openWhole(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decodeImage(whole, whole.size)
}

// decodeImage decodes the bytes that it took the size from: in a file they may
// change meanwhile.
func decodeImage(r io.Reader, size int64) (image.Image, error) {
	var header bytes.Buffer
	w, h, err := sizeOf(io.TeeReader(r, &header), size)
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bufio.NewReader(io.MultiReader(&header, r)))
	if err != nil {
		return nil, errors.Wrap(err, "decode")
	}
	whole := image.Rect(0, 0, w, h)
	if img.Bounds() == whole {
		return img, nil
	}
	// The first frame of a GIF need not cover the picture.
	picture := image.NewRGBA(whole)
	draw.Draw(picture, img.Bounds(), img, img.Bounds().Min, draw.Src)
	return picture, nil
}

// DecodeImage reads one image of size bytes from r as [OpenImageFolder] reads those in
// files, to predict it: x is (1, 3, h, w), or (1, 1, h, w) with [Grey]. Without [Size] h
// and w are its own.
func DecodeImage(r io.Reader, size int64, opts ...ImageOption) (x *tensor.Dense, err error) {
	f := &imageFolder{}
	guard.Apply(f, opts)
	if err := f.checkSize(); err != nil {
		return nil, err
	}
	if r == nil {
		return nil, errors.New("the reader is nil")
	}
	src, err := decodeImage(r, size)
	if err != nil {
		return nil, err
	}
	if !f.resize {
		f.w, f.h = src.Bounds().Dx(), src.Bounds().Dy()
	}
	row := make([]float32, f.channels()*f.h*f.w)
	if err := f.fill(row, src); err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(1, f.channels(), f.h, f.w), tensor.WithBacking(row)), nil
}

// toRGBA returns src as w by h pixels on black.
func toRGBA(src image.Image, w, h int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if b := src.Bounds(); b.Dx() == w && b.Dy() == h {
		draw.Draw(dst, dst.Bounds(), src, b.Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(dst, dst.Bounds(), src, b, draw.Src, nil)
	}
	return dst
}

// fillRGB writes img, which toRGBA made, as three planes. Colours are already
// multiplied by alpha, which is the same as laying them over black.
func fillRGB(row []float32, img *image.RGBA) {
	n := len(row) / 3
	for i := range n {
		p := img.Pix[4*i:][:3]
		for c, b := range p {
			row[c*n+i] = float32(b) / 255
		}
	}
}

// fillGrey writes the luma of img. Integers keep a grey that came in exact.
func fillGrey(row []float32, img *image.RGBA) {
	for i := range row {
		p := img.Pix[4*i:][:3]
		row[i] = float32(float64(299*int(p[0])+587*int(p[1])+114*int(p[2])) / 255000)
	}
}
