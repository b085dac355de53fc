package nodes

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
)

func TestCopiesAlongAnAxisChannelsLast(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range []graph.Shape{{2, 3, 4}, {2, 3, 4, 5}, {2, 3, 2, 4, 3}} {
		x := normal(r, shape)
		for axis := -len(shape); axis < len(shape); axis++ {
			name := fmt.Sprintf("%v along %d: ", shape, axis)
			other := shape.Clone()
			other[concat{axis}.at(shape)] = 1
			y := normal(r, other)
			sameNumbers(t, name+"concat", forwardLast(t, concat{axis}, false, x, y, x), forward(t, concat{axis}, x, y, x))
			pad := zeroPad{axis, 2, 1}
			sameNumbers(t, name+"pad", forwardLast(t, pad, false, x), forward(t, pad, x))
			if axis >= 0 {
				part := slice{axis, 1, shape[axis] - 1}
				sameNumbers(t, name+"slice", forwardLast(t, part, false, x), forward(t, part, x))
			}
		}
	}
	if (zeroPad{1, 1, 1}).ChannelsLast(graph.Shape{2, 3}).Op != nil {
		t.Error("a matrix has a channels-last form, want none")
	}
}
