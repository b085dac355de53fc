package convlast

import (
	"fmt"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// Packed weights are kept in files and shared between batch sizes by the name of their
// layout: geometries of one name must pack a weight to the same numbers.
func TestOneLayoutPacksTheSame(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		type seen struct {
			packed []float32
			by     string
		}
		known, shared := map[string]seen{}, 0
		note := func(name, layout string, packed []float32) {
			had, ok := known[layout]
			switch {
			case !ok:
				known[layout] = seen{packed, name}
			case slices.Equal(had.packed, packed):
				shared++
			default:
				t.Errorf("%s and %s pack differently under one name: %s", had.by, name, layout)
			}
		}
		for _, c := range cases {
			for n := 1; n < 70; n = 3*n + 1 {
				for grow := range 3 {
					g := c.g
					g.N = n
					if g.Kernel[0] == 1 && g.Stride == [3]int{1, 1, 1} {
						g.In[1], g.Out[1] = g.In[1]+5*grow, g.Out[1]+5*grow
						g.In[2], g.Out[2] = g.In[2]+7*grow, g.Out[2]+7*grow
					}
					for _, winograd := range []bool{false, true} {
						conv := New(g, winograd)
						w := numbers[float32](conv.w, 1)
						forward, backward := make([]float32, conv.ForwardSize()), make([]float32, conv.BackwardSize())
						conv.PackForward(forward, w)
						conv.PackBackward(backward, w)
						name := fmt.Sprintf("%s, %+v, %v", c.name, g, winograd)
						note(name, fmt.Sprintf("%s of %d", conv.ForwardLayout(), conv.w), forward)
						note(name, fmt.Sprintf("backward %s of %d", conv.BackwardLayout(), conv.w), backward)
					}
				}
			}
		}
		if shared < 5*len(cases) {
			t.Errorf("%d layouts came up again, want nearly all: the batch size is no part of them", shared)
		}
	})
}
