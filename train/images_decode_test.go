package train

import (
	"bytes"
	"image/color"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An image is read as one of a folder.
func TestDecodeImage(t *testing.T) {
	b := pngOf(t, picture(color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}))
	dir := writeTree(t, map[string][]byte{"a/x.png": b})
	for _, opts := range [][]ImageOption{nil, {Grey()}, {Size(5, 4)}, {Grey(), Size(2, 2), nil}} {
		ds, err := OpenImageFolder(dir, opts...)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := ds.Batch([]int{0})
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeImage(bytes.NewReader(b), int64(len(b)), opts...)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Shape().Eq(want.Shape()) || !cmp.Equal(got.Data(), want.Data()) {
			t.Errorf("got %v %v, want %v %v", got.Shape(), got.Data(), want.Shape(), want.Data())
		}
	}
}

func TestDecodeImageErrors(t *testing.T) {
	b := pngOf(t, picture(color.White))
	for name, c := range map[string]struct {
		b    []byte
		opt  ImageOption
		want string
	}{
		"no image":      {[]byte("text"), nil, "decode header: image: unknown format"},
		"cut off":       {b[:len(b)-20], nil, "decode: "},
		"nothing":       {nil, nil, "decode header: "},
		"an empty size": {b, Size(0, 3), "size is 0 x 3, want at least 1 x 1"},
	} {
		if _, err := DecodeImage(bytes.NewReader(c.b), int64(len(c.b)), c.opt); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %s", name, err, c.want)
		}
	}
	if _, err := DecodeImage(nil, 0); err == nil || err.Error() != "the reader is nil" {
		t.Errorf("no reader: %v", err)
	}
}
