package pictures

import (
	"image"
	"math"
	"strings"

	"github.com/thinnet/thinnet/graph"
)

// Filters returns the filters of the first layer of a model, at most so many, and the
// name of the weight: those of a convolution of images, or the rows of a linear layer,
// in the shape of the images that it sees. A weight of 0 is mid-grey, the one of the greatest
// magnitude among all filters is white or black. There are none if the first layer has another
// form.
func Filters(m *graph.Model, most int) (name string, out []image.Image) {
	in := m.Shape()
	for _, weight := range m.Weights() {
		s := weight.Value.Shape()
		if !weight.Trainable || len(s) < 2 {
			continue
		}
		c, h, w := 0, 0, 0
		switch {
		case len(s) == 4 && (s[1] == 1 || s[1] == 3) && s[2]*s[3] > 1:
			c, h, w = s[1], s[2], s[3]
		case len(s) == 2 && Shape(in) && s[1] == in[1:].TotalSize() && strings.HasSuffix(weight.Name, "weight"):
			c, h, w = in[1], in[2], in[3]
		default: // the first weight is of another kind
			return "", nil
		}
		v := values(weight.Value)
		low, high := bounds(v)
		reach := math.Max(-low, high)
		if reach == 0 {
			reach = 1
		}
		for i := range min(s[0], most) {
			out = append(out, paint(v[i*c*h*w:][:c*h*w], c, h, w, -reach, reach))
		}
		return weight.Name, out
	}
	return "", nil
}
