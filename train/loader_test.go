package train

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

func newLoader(t *testing.T, ds Dataset, batch int, opts ...LoaderOption) *Loader {
	t.Helper()
	l, err := NewLoader(ds, batch, opts...)
	if err != nil {
		t.Fatalf("NewLoader: %+v", err)
	}
	return l
}

// epochOf returns the samples of an epoch in order, x flattened, and checks
// the sizes of batches on the way.
func epochOf(t *testing.T, l *Loader, epoch int) (x []float32, ts []int) {
	t.Helper()
	i := 0
	for b, err := range l.Epoch(t.Context(), epoch) {
		if err != nil {
			t.Fatalf("epoch %d, batch %d: %+v", epoch, i, err)
		}
		if b.Index != i {
			t.Errorf("epoch %d: batch %d has index %d", epoch, i, b.Index)
		}
		n := b.X.Shape()[0]
		if n != b.T.Shape()[0] || n > l.batch || n < l.batch && i < l.Len()-1 {
			t.Errorf("epoch %d, batch %d: x has shape %v, t %v, want %d rows", epoch, i, b.X.Shape(), b.T.Shape(), l.batch)
		}
		x = append(x, b.X.Data().([]float32)...)
		ts = append(ts, b.T.Data().([]int)...)
		i++
	}
	if i != l.Len() {
		t.Errorf("epoch %d has %d batches, want Len() = %d", epoch, i, l.Len())
	}
	return x, ts
}

func TestLoaderYieldsEverySampleOnce(t *testing.T) {
	for _, c := range []struct{ n, batch, batches int }{
		{10, 1, 10}, {10, 3, 4}, {10, 5, 2}, {10, 10, 1}, {10, 64, 1}, {1, 1, 1},
	} {
		for _, prefetch := range []int{0, 1, 2, 7} {
			l := newLoader(t, counting(t, c.n), c.batch, Shuffle(5), Prefetch(prefetch))
			if l.Len() != c.batches {
				t.Errorf("%d samples in batches of %d: Len() = %d, want %d", c.n, c.batch, l.Len(), c.batches)
			}
			for epoch := range 3 {
				_, got := epochOf(t, l, epoch)
				slices.Sort(got)
				if want := targets(t, counting(t, c.n)); !slices.Equal(got, want) {
					t.Errorf("%d samples in batches of %d, prefetch %d, epoch %d: got %v, want each once", c.n, c.batch, prefetch, epoch, got)
				}
			}
		}
	}
}

func TestLoaderOrder(t *testing.T) {
	ds := counting(t, 20)
	_, plain := epochOf(t, newLoader(t, ds, 6), 3)
	if !slices.Equal(plain, targets(t, ds)) {
		t.Errorf("without Shuffle the order is %v, want that of the data set", plain)
	}
	_, dropped := epochOf(t, newLoader(t, ds, 6, DropLast()), 0)
	if !slices.Equal(dropped, plain[:18]) {
		t.Errorf("with DropLast there are %v, want the first 18", dropped)
	}
	l := newLoader(t, ds, 6, Shuffle(1))
	_, first := epochOf(t, l, 0)
	_, second := epochOf(t, l, 1)
	_, again := epochOf(t, l, 0)
	_, other := epochOf(t, newLoader(t, ds, 6, Shuffle(2)), 0)
	if !slices.Equal(first, again) {
		t.Errorf("epoch 0 is %v and then %v, want it the same", first, again)
	}
	for _, o := range [][]int{plain, second, other} {
		if slices.Equal(first, o) {
			t.Errorf("epoch 0 of seed 1 is in the order %v of another", o)
		}
	}
}

// The bits depend neither on processors nor on prefetching, and the
// augmentation of a sample not on its batch.
func TestLoaderIsDeterministic(t *testing.T) {
	ds := Digits(50, 1)
	augment := Transforms(Shift(2), Rotate(20), FlipHorizontal(0.5), Cutout(6))
	bySample := func(batch int, opts ...LoaderOption) map[int][]float32 {
		ds, err := Tensors(batchX(t, ds), tensorOf(targets(t, counting(t, 50)), 50))
		if err != nil {
			t.Fatal(err)
		}
		x, ts := epochOf(t, newLoader(t, ds, batch, append(opts, augment, Shuffle(3))...), 4)
		out := map[int][]float32{}
		for i, v := range ts {
			out[v] = x[i*784:][:784]
		}
		return out
	}
	want := bySample(8)
	for _, threads := range []int{1, 4} {
		for _, prefetch := range []int{0, 1, 3} {
			for _, batch := range []int{8, 7, 50} {
				old := pool.Threads()
				pool.SetThreads(threads)
				got := bySample(batch, Prefetch(prefetch))
				pool.SetThreads(old)
				for i := range 50 {
					if !slices.Equal(got[i], want[i]) {
						t.Fatalf("%d threads, prefetch %d, batch %d: sample %d differs", threads, prefetch, batch, i)
					}
				}
			}
		}
	}
	l := newLoader(t, ds, 50, augment)
	zero, _ := epochOf(t, l, 0)
	one, _ := epochOf(t, l, 1)
	if slices.Equal(zero, one) {
		t.Error("epochs 0 and 1 are augmented alike")
	}
}

// batchX is all of the x of ds.
func batchX(t *testing.T, ds Dataset) *tensor.Dense {
	t.Helper()
	indices := make([]int, ds.Len())
	for i := range indices {
		indices[i] = i
	}
	x, _, err := ds.Batch(indices)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// synctest fails a test whose goroutines stay blocked after it.
func TestLoaderLeavesNoGoroutine(t *testing.T) {
	for _, prefetch := range []int{0, 1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			for b, err := range newLoader(t, counting(t, 100), 1, Prefetch(prefetch)).Epoch(t.Context(), 0) {
				if err != nil {
					t.Fatal(err)
				}
				if b.Index == 3 {
					break
				}
			}
		})
	}
}

// When the loop is left, the data set is not in use any more: it may be closed.
func TestLoaderIsDoneWhenTheLoopIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := 0 // the goroutine that counts ends before this one reads
		ds := &faulty{Dataset: counting(t, 10), before: func() {
			busy++
			time.Sleep(time.Second)
			busy--
		}}
		for _, err := range newLoader(t, ds, 1).Epoch(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if busy != 0 {
			t.Error("a batch is being made after the loop")
		}
	})
}

func TestLoaderStopsWhenCancelled(t *testing.T) {
	for _, prefetch := range []int{0, 1, 5} {
		synctest.Test(t, func(t *testing.T) {
			l := newLoader(t, counting(t, 100), 1, Prefetch(prefetch))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			last := -1
			var final error
			for b, err := range l.Epoch(ctx, 0) {
				if err != nil {
					final = err
					continue // nothing comes after an error
				}
				last = b.Index
				if last == 3 {
					cancel()
				}
			}
			if !errors.Is(final, context.Canceled) || last != 3 {
				t.Errorf("prefetch %d: cancelled at batch 3, the last is %d and the error %v, want 3 and %v", prefetch, last, final, context.Canceled)
			}
			for b, err := range l.Epoch(ctx, 1) {
				if !errors.Is(err, context.Canceled) || b != (Batch{}) {
					t.Errorf("prefetch %d: a cancelled epoch yields %v, %v, want only the error", prefetch, b, err)
				}
			}
		})
	}
}

// A loop that waits for data is released by its context.
func TestLoaderStopsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		slow := &faulty{Dataset: counting(t, 10), before: func() { time.Sleep(600 * time.Millisecond) }}
		var got []int
		var final error
		for b, err := range newLoader(t, slow, 1).Epoch(ctx, 0) {
			if final = err; err == nil {
				got = append(got, b.Index)
			}
		}
		if !errors.Is(final, context.DeadlineExceeded) || !slices.Equal(got, []int{0}) {
			t.Errorf("got batches %v and error %v, want batch 0 and %v", got, final, context.DeadlineExceeded)
		}
	})
}

// faulty does something before each batch, and fails at an index.
type faulty struct {
	Dataset
	before func()
	fail   int
	mu     sync.Mutex
	calls  int
}

func (f *faulty) Batch(indices []int) (x, t *tensor.Dense, err error) {
	f.mu.Lock()
	f.calls++
	f.mu.Unlock()
	if f.before != nil {
		f.before()
	}
	if f.fail > 0 && slices.Contains(indices, f.fail) {
		return nil, nil, errors.New("disk on fire")
	}
	return f.Dataset.Batch(indices)
}

func TestLoaderYieldsErrorsLast(t *testing.T) {
	for _, prefetch := range []int{0, 2} {
		l := newLoader(t, &faulty{Dataset: counting(t, 10), fail: 5}, 2, Prefetch(prefetch))
		good := 0
		var got []error
		for _, err := range l.Epoch(t.Context(), 7) {
			if err == nil {
				good++
			} else {
				got = append(got, err)
			}
		}
		if good != 2 || len(got) != 1 {
			t.Fatalf("prefetch %d: %d batches and errors %v, want 2 and one", prefetch, good, got)
		}
		wantError(t, got[0], "batch 3 of 5: disk on fire")
	}
}

// Prefetch(n) makes n batches ahead of the one in use, and no more.
func TestLoaderPrefetches(t *testing.T) {
	for _, prefetch := range []int{0, 1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			ds := &faulty{Dataset: counting(t, 100)}
			for b, err := range newLoader(t, ds, 1, Prefetch(prefetch)).Epoch(t.Context(), 0) {
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if want := b.Index + 1 + prefetch; ds.calls != want {
					t.Errorf("prefetch %d: %d batches made while batch %d is in use, want %d", prefetch, ds.calls, b.Index, want)
				}
				if b.Index == 10 {
					break
				}
			}
		})
	}
}

// wrongRows gives one row whatever is asked for.
type wrongRows struct{ Dataset }

func (w wrongRows) Batch([]int) (x, t *tensor.Dense, err error) { return w.Dataset.Batch([]int{0}) }

func TestLoaderRefusesWrongRows(t *testing.T) {
	for _, err := range newLoader(t, wrongRows{counting(t, 4)}, 2).Epoch(t.Context(), 0) {
		wantError(t, err, "batch 1 of 2: the data set gave (1, 1) and (1) for 2 indices")
	}
}

func TestNewLoaderErrors(t *testing.T) {
	ds := counting(t, 10)
	deep, err := Tensors(tensorOf(make([]float32, 32), 2, 2, 2, 2, 2), tensorOf([]int{0, 1}, 2))
	if err != nil {
		t.Fatal(err)
	}
	words, err := Tensors(tensorOf([]string{"a", "b"}, 2, 1), tensorOf([]int{0, 1}, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		ds    Dataset
		batch int
		opts  []LoaderOption
		want  string
	}{
		{"nil", nil, 1, nil, "data set is nil"},
		{"a head of nil", Head(nil, 3), 1, nil, "train.Head: data set is nil"},
		{"a map of nil", Map(nil), 1, nil, "train.Map: data set is nil"},
		{"empty", Head(ds, 0), 1, nil, "data set is empty"},
		{"batch", ds, 0, nil, "batch is 0, want at least 1"},
		{"prefetch", ds, 1, []LoaderOption{Prefetch(-1)}, "Prefetch is -1"},
		{"nothing left", ds, 11, []LoaderOption{DropLast()}, "DropLast drops the only batch: 10 samples in batches of 11"},
		{"transform", ds, 1, []LoaderOption{Transforms(Shift(0), Cutout(0))}, "transform 1: Cutout: size is 0"},
		{"no transform", ds, 1, []LoaderOption{Transforms(nil)}, "transform 0 is nil"},
		{"crop", ds, 1, []LoaderOption{Transforms(CenterCrop(2))}, "CenterCrop: size is 2, image is 1 x 1"},
		{"5 axes", deep, 1, []LoaderOption{Transforms(Shift(1))}, "x has shape (1, 2, 2, 2, 2)"},
		{"words", words, 1, []LoaderOption{Transforms(Shift(1))}, "x is []string"},
		{"sizes", ds, 1, []LoaderOption{Transforms(func(_ *rand.Rand, s *Sample) error { s.W++; return nil })}, "transform 0 left 1 values for a sample of 1 x 1 x 2"},
		{"axes", ds, 1, []LoaderOption{Transforms(func(_ *rand.Rand, s *Sample) error { s.Data, s.H = make([]float32, 2), 2; return nil })}, "do not fit 2 axes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := NewLoader(c.ds, c.batch, c.opts...)
			wantError(t, err, c.want)
			if l != nil {
				t.Errorf("loader is %v, want nil", l)
			}
		})
	}
}

func TestParallelReturnsTheFirstError(t *testing.T) {
	for range 50 {
		var done sync.Map
		err := parallel(100, func(i int) error {
			done.Store(i, true)
			if i == 20 {
				runtime.Gosched()
			}
			if i >= 20 {
				return errors.Errorf("error %d", i)
			}
			return nil
		})
		if err == nil || err.Error() != "error 20" {
			t.Fatalf("error is %v, want error 20", err)
		}
		for i := range 20 {
			if _, ok := done.Load(i); !ok {
				t.Fatalf("call %d is missing", i)
			}
		}
	}
	if err := parallel(0, func(int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
}
