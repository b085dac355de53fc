package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"strconv"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/pictures"
)

// worst are the samples of the largest loss: as pictures, or as a table.
type worst struct {
	Loss     string // what it is
	Pictures []mistake
	Table    table
}

type mistake struct {
	picture
	Index, Truth, Predicted, Confidence, Loss string
	Right                                     bool
}

func (r *report) worst(c *collector, name func(int) string) (*worst, error) {
	samples := c.worst(r.mistakes)
	if len(samples) == 0 {
		return nil, nil
	}
	w := &worst{Loss: "the squared error, the mean over its outputs"}
	w.Table = table{Head: []string{"sample", "error"}, Left: 1}
	switch {
	case c.confusion == nil && samples[0].single:
		w.Table.Head = []string{"sample", "target", "output", "error"}
	case c.confusion != nil:
		w.Loss = "the cross-entropy, −ln p of its class"
		w.Table = table{Head: []string{"sample", "class", "predicted", "confidence", "loss"}, Left: 3}
	}
	for _, s := range samples {
		m := mistake{Index: strconv.Itoa(s.index), Loss: number(s.loss)}
		row := []string{m.Index, m.Loss}
		switch {
		case c.confusion == nil && s.single:
			row = []string{m.Index, number(s.target), number(s.output), m.Loss}
		case c.confusion != nil:
			m.Truth, m.Predicted, m.Confidence, m.Right = name(s.truth), name(s.predicted), percent(s.confidence), s.truth == s.predicted
			row = []string{m.Index, m.Truth, m.Predicted, m.Confidence, m.Loss}
		}
		w.Table.Rows = append(w.Table.Rows, row)
		x, _, err := r.data.Batch([]int{s.index})
		if err != nil {
			return nil, errors.WithMessagef(err, "sample %d", s.index)
		}
		if img := pictures.Sample(x, 0); img != nil {
			if m.picture, err = inline(pictures.Shrink(img, 192)); err != nil {
				return nil, err
			}
			w.Pictures = append(w.Pictures, m)
		}
	}
	if len(w.Pictures) > 0 {
		w.Table = table{}
	}
	return w, nil
}

// filters are those of the first layer.
type filters struct {
	picture
	Says string
}

func filtersOf(m *graph.Model) (*filters, error) {
	const most = 64
	name, imgs := pictures.Filters(m, most)
	if len(imgs) == 0 {
		return nil, nil
	}
	img, err := inline(pictures.Grid(imgs))
	size := imgs[0].Bounds().Size()
	return &filters{img, fmt.Sprintf("%d filters of %s, %d × %d", len(imgs), name, size.Y, size.X)}, err
}

// inline makes a picture a part of the page.
func inline(img image.Image) (picture, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return picture{}, errors.WithStack(err)
	}
	size := img.Bounds().Size()
	return picture{template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), size.X, size.Y}, nil
}
