package train

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/thinnet/thinnet/graph"
)

// There is one run for each thread, if they all fit the memory.
func TestRunsAtOnce(t *testing.T) {
	before := graph.Threads()
	defer graph.SetThreads(before)
	graph.SetThreads(3)
	c := &comparing{Study: planeStudy(t)} // of four runs
	need := c.need()
	if need < 1000 || need > 100<<10 {
		t.Errorf("a run of this small network is taken to need %d bytes", need)
	}
	free := func(bytes int64) fstest.MapFS {
		return fstest.MapFS{"proc/meminfo": {Data: fmt.Appendf(nil, "MemAvailable: %d kB\n", bytes>>10)}}
	}
	for name, c := range map[string]struct {
		root          fstest.MapFS
		threads, want int
		parallel      int
	}{
		"room for all":     {free(1 << 40), 3, 3, 0},
		"more threads":     {free(1 << 40), 9, 4, 0},
		"room for two":     {free(2*need + 1024), 3, 2, 0},
		"room for none":    {free(0), 3, 1, 0},
		"nothing is known": {fstest.MapFS{}, 3, 1, 0},
		"one thread":       {free(1 << 40), 1, 1, 0},
		"as told":          {free(0), 1, 7, 7},
	} {
		graph.SetThreads(c.threads)
		study := &comparing{Study: planeStudy(t)}
		study.atOnce = c.parallel
		if got := study.places(c.root); got != c.want {
			t.Errorf("%s: got %d at once, want %d", name, got, c.want)
		}
	}
}
