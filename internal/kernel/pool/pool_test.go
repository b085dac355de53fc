package pool_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

type count struct {
	seen []atomic.Int32
	fail int
}

func (c *count) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		if i == c.fail {
			panic("unit " + fmt.Sprint(i))
		}
		c.seen[i].Add(1)
	}
}

func withThreads(t testing.TB, n int) {
	before := pool.Threads()
	pool.SetThreads(n)
	t.Cleanup(func() { pool.SetThreads(before) })
}

func TestRunCoversEveryUnitOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		withThreads(t, threads)
		for _, n := range []int{0, 1, 7, 64, 1000} {
			for _, grain := range []int{1, 3, 64, 5000} {
				seen := make([]atomic.Int32, n)
				pool.Run(n, grain, count{seen, -1})
				for i := range seen {
					if k := seen[i].Load(); k != 1 {
						t.Fatalf("threads %d, n %d, grain %d: unit %d was handled %d times", threads, n, grain, i, k)
					}
				}
			}
		}
	}
}

func TestRunFromManyGoroutines(t *testing.T) {
	withThreads(t, 3)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				seen := make([]atomic.Int32, 40)
				pool.Run(len(seen), 1, count{seen, -1})
				for i := range seen {
					if k := seen[i].Load(); k != 1 {
						t.Errorf("unit %d was handled %d times", i, k)
						return
					}
				}
			}
		})
	}
	for n := range 20 {
		pool.SetThreads(1 + n%4)
	}
	group.Wait()
}

func TestPanicReachesTheCaller(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		withThreads(t, threads)
		func() {
			defer func() {
				if r := recover(); r != "unit 77" {
					t.Errorf("threads %d: recovered %v, want the panic of unit 77", threads, r)
				}
			}()
			pool.Run(100, 1, count{make([]atomic.Int32, 100), 77})
			t.Error("no panic")
		}()
		seen := make([]atomic.Int32, 10)
		pool.Run(10, 1, count{seen, -1}) // the pool goes on
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	withThreads(t, 2)
	seen := make([]atomic.Int32, 64)
	if n := testing.AllocsPerRun(200, func() { pool.Run(len(seen), 4, count{seen, -1}) }); n >= 1 {
		t.Errorf("a run makes %v allocations, want 0", n)
	}
}

type nothing struct{ _ int }

func (*nothing) Do(int, int) {}

func BenchmarkRun(b *testing.B) {
	withThreads(b, 2)
	for b.Loop() {
		pool.Run(2, 1, nothing{})
	}
}

// No two goroutines ever hold one value, and what was given back is used again.
func TestSpareHandsOutOneAtATime(t *testing.T) {
	var s pool.Spare[atomic.Int32]
	first := s.Borrow()
	s.GiveBack(first)
	if s.Borrow() != first {
		t.Error("a value that was given back is not used again")
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for range 2000 {
				v := s.Borrow()
				if v.Add(1) != 1 {
					t.Error("two goroutines hold one value")
				}
				v.Add(-1)
				s.GiveBack(v)
			}
		})
	}
	group.Wait()
}

// long is a job whose chunks take from nothing to some 20 µs, and which knows how
// many of them are under way.
type long struct {
	under *atomic.Int32
	sum   []uint64
}

func (j *long) Do(lo, hi int) {
	j.under.Add(1)
	for i := lo; i < hi; i++ {
		for k := range uint64(i%7) * 3000 {
			j.sum[i] += k
		}
	}
	j.under.Add(-1)
}

// When a run returns, none of its chunks is under way, however late workers were:
// here there are more of them than processors.
func TestRunEndsAfterItsChunks(t *testing.T) {
	withThreads(t, 6)
	var under atomic.Int32
	sum := make([]uint64, 64)
	for n := range 3000 {
		pool.Run(2+n%62, 1, long{&under, sum})
		if k := under.Load(); k != 0 {
			t.Fatalf("run %d returned while %d chunks were under way", n, k)
		}
	}
}

type resizing struct{ _ int }

func (j *resizing) Do(lo, _ int) {
	if lo == 3 {
		pool.SetThreads(3)
		pool.SetThreads(2)
	}
}

// The number of threads may change while a run is under way, and from within.
func TestSetThreadsInsideARun(t *testing.T) {
	withThreads(t, 2)
	for range 100 {
		pool.Run(8, 1, resizing{})
	}
	seen := make([]atomic.Int32, 10)
	pool.Run(10, 1, count{seen, -1})
	for i := range seen {
		if k := seen[i].Load(); k != 1 {
			t.Errorf("unit %d was handled %d times", i, k)
		}
	}
}
