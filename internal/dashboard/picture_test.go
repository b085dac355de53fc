package dashboard

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"testing"
)

func TestPictureShowsTheValues(t *testing.T) {
	nan := float32(math.NaN())
	b, err := Picture([]float32{-1, 0, 1, nan, 5, -5, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1}, 3, 2, 3, -1, 1)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for i, red := range []uint8{0, 128, 255, 0, 255, 0} {
		if got, want := color.NRGBAModel.Convert(img.At(i%3, i/3)), (color.NRGBA{red, 255, 0, 255}); got != want {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
	b, err = Picture(make([]float32, 512*256), 1, 512, 256, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != 64 || c.Height != 128 {
		t.Errorf("a large one has %d by %d pixels, %v, want 64 by 128", c.Width, c.Height, err)
	}
}

func TestWhatIsNoPicture(t *testing.T) {
	for _, c := range []struct{ c, h, w, n int }{{2, 4, 4, 32}, {1, 4, 4, 15}, {1, 0, 4, 0}, {4, 1, 1, 4}} {
		if _, err := Picture(make([]float32, c.n), c.c, c.h, c.w, 0, 1); err == nil {
			t.Errorf("%+v is taken for a picture", c)
		}
	}
}
