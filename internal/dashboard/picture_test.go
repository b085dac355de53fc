package dashboard

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestPNG(t *testing.T) {
	for _, c := range []struct{ size, want image.Point }{
		{image.Pt(28, 20), image.Pt(28, 20)}, {image.Pt(256, 512), image.Pt(64, 128)}, {image.Pt(1000, 1), image.Pt(128, 1)},
	} {
		img := image.NewGray(image.Rectangle{Max: c.size})
		for i := range img.Pix {
			img.Pix[i] = 200
		}
		b, err := PNG(img)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(b))
		if err != nil || got.Bounds().Size() != c.want {
			t.Errorf("%v became %v, %v, want %v", c.size, got.Bounds().Size(), err, c.want)
		}
		if v := color.GrayModel.Convert(got.At(0, 0)).(color.Gray).Y; v != 200 {
			t.Errorf("%v: a pixel of 200 became %v", c.size, v)
		}
	}
}
