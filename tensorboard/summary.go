package tensorboard

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"unicode/utf8"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// Scalar adds a point to a curve. It is kept as float32. NaN and infinities are points,
// which TensorBoard marks.
func (w *Writer) Scalar(tag string, step int, v float64) error {
	return w.summary(tag, step, func() error {
		w.value = protowire.AppendTag(w.value, valueScalar, protowire.Fixed32Type)
		w.value = protowire.AppendFixed32(w.value, math.Float32bits(float32(v)))
		return nil
	})
}

// Image adds a picture, as PNG.
func (w *Writer) Image(tag string, step int, img image.Image) error {
	return w.summary(tag, step, func() error {
		if img == nil {
			return errors.New("the picture is nil")
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil { // it has no pixel, or too many
			return errors.WithStack(err)
		}
		out := appendInt(nil, imageHeight, img.Bounds().Dy())
		out = appendInt(out, imageWidth, img.Bounds().Dx())
		out = appendInt(out, imageColorSpace, colourSpace(img))
		w.value = appendBytes(w.value, valueImage, appendBytes(out, imageEncoded, b.Bytes()))
		return nil
	})
}

func colourSpace(img image.Image) int {
	if _, ok := img.(*image.Gray); ok {
		return grey
	}
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() { // as png has it
		return rgb
	}
	return rgba
}

// Text adds a text in Markdown.
func (w *Writer) Text(tag string, step int, markdown string) error {
	return w.summary(tag, step, func() error {
		if !utf8.ValidString(markdown) {
			return errors.Errorf("the text is %.40q, want UTF-8", markdown)
		}
		plugin := appendString(nil, pluginName, "text")
		w.value = appendBytes(w.value, valueMetadata, appendBytes(nil, metadataPlugin, plugin))
		text := appendInt(nil, tensorType, typeString)
		text = appendBytes(text, tensorShape, appendShape(nil, []int{1}))
		w.value = appendBytes(w.value, valueTensor, appendString(text, tensorStrings, markdown))
		return nil
	})
}

// summary writes an event with a value, to which fill adds what it is.
func (w *Writer) summary(tag string, step int, fill func() error) error {
	return w.write(step, tag, func() error {
		w.value = appendString(w.value[:0], valueTag, tag)
		if err := fill(); err != nil {
			return err
		}
		w.event = protowire.AppendTag(w.event, eventSummary, protowire.BytesType)
		w.event = protowire.AppendVarint(w.event, uint64(protowire.SizeTag(summaryValue)+protowire.SizeBytes(len(w.value))))
		w.event = appendBytes(w.event, summaryValue, w.value)
		return nil
	})
}

func appendShape(b []byte, shape []int) []byte {
	for _, d := range shape {
		b = appendBytes(b, shapeDim, appendInt(nil, dimSize, d))
	}
	return b
}
