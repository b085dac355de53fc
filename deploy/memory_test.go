package deploy_test

import (
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/deploy"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/models"
)

// A prediction allocates nothing, from many goroutines and for changing batch sizes, once
// as many have run.
func TestPredictionsAllocateNothing(t *testing.T) {
	if kerneltest.Race {
		t.Skip("under the race detector, sync.Pool lets go of values at random")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which frees idle memory
	for _, c := range every[:4] {
		p := open(t, frozen(t, c.build(t)), c.net)
		const goroutines, rounds, warm = 8, 60, 20
		for _, n := range []int{1, c.shape[0], min(3, c.shape[0])} {
			if err := p.Reserve(n, goroutines); err != nil {
				t.Fatal(err)
			}
		}
		var start, end sync.WaitGroup
		start.Add(goroutines)
		measure := make(chan struct{})
		for g := range goroutines {
			end.Go(func() {
				sizes := []int{1, c.shape[0], 3}
				x := c.input(c.shape[0]).Float32s()
				each := len(x) / c.shape[0]
				y := make([]float32, 10*c.shape[0])
				for i := range warm + rounds {
					if i == warm {
						start.Done()
						<-measure
					}
					n := min(sizes[(i+g)%3], c.shape[0])
					if err := p.PredictInto(y[:10*n], x[:n*each]); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		start.Wait()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		close(measure)
		end.Wait()
		runtime.ReadMemStats(&after)
		// The runtime's own, and the scratch memory of kernels, of which more may run at a time
		// than ever before.
		if n := after.Mallocs - before.Mallocs; n > 40 {
			t.Errorf("%s: %d predictions allocated %d times", c.name, goroutines*rounds, n)
		}
		x, y := c.input(1).Float32s(), make([]float32, 10)
		if n := testing.AllocsPerRun(50, func() { _ = p.PredictInto(y, x) }); n != 0 {
			t.Errorf("%s: a prediction allocates %v times", c.name, n)
		}
	}
}

// Predictors of one file have no weights of their own.
func TestPredictorsShareTheFile(t *testing.T) {
	c := model{net: models.MLP(10, models.Hidden(1500, 1500)), shape: graph.Shape{1, 1000}}
	m := c.build(t)
	weights := 0
	for _, w := range m.Weights() {
		weights += w.Value.Shape().TotalSize() * 4
	}
	path := frozen(t, m)
	x := c.input(1)
	heap := func() int {
		runtime.GC()
		runtime.GC() // what pools kept goes at the second
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int(s.HeapAlloc)
	}
	before := heap()
	var all []*deploy.Predictor
	for range 5 {
		p := open(t, path, c.net)
		predict(t, p, x)
		all = append(all, p)
	}
	if grown := heap() - before; grown > weights/4 {
		t.Errorf("%d predictors of %d KB of weights take %d KB of memory", len(all), weights>>10, grown>>10)
	}
	runtime.KeepAlive(m)
	runtime.KeepAlive(all)
}

// A file that is replaced leaves those be who have it open.
func TestReplacedWhileOpen(t *testing.T) {
	m := small.build(t)
	path := frozen(t, m)
	p := open(t, path, small.net)
	x := small.input(2)
	before := predict(t, p, x)
	m.Weights()[0].Value.Float32s()[0] += 5
	if err := deploy.Freeze(m, path); err != nil {
		t.Fatal(err)
	}
	if !predict(t, p, x).Eq(before) {
		t.Error("an open predictor predicts otherwise after another file took its place")
	}
	if !predict(t, open(t, path, small.net), x).Eq(predict(t, m, x)) {
		t.Error("the new file does not predict as the model does now")
	}
}

// To close waits for predictions.
func TestCloseWhilePredicting(t *testing.T) {
	c := every[1]
	p := open(t, frozen(t, c.build(t)), c.net)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			x, y := c.input(1).Float32s(), make([]float32, 10)
			for p.PredictInto(y, x) == nil {
			}
		})
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
}
