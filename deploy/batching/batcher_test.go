package batching_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thinnet/thinnet/deploy/batching"
)

// sums has for each sample of two elements their sum and their difference.
func sums(dst, x []float32) error {
	for i := range len(x) / 2 {
		dst[2*i], dst[2*i+1] = x[2*i]+x[2*i+1], x[2*i]-x[2*i+1]
	}
	return nil
}

func start(t *testing.T, f batching.Func, opts ...batching.Option) *batching.Batcher {
	t.Helper()
	b, err := batching.New(f, 2, 2, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// ask predicts of n samples that are told apart by id, and checks the answer.
func ask(ctx context.Context, b *batching.Batcher, id, n int) error {
	x, y := make([]float32, 2*n), make([]float32, 2*n)
	for i := range n {
		x[2*i], x[2*i+1] = float32(id), float32(i)
	}
	if err := b.Predict(ctx, y, x); err != nil {
		return err
	}
	for i := range n {
		if y[2*i] != float32(id+i) || y[2*i+1] != float32(id-i) {
			return fmt.Errorf("request %d, sample %d: got %v, %v", id, i, y[2*i], y[2*i+1])
		}
	}
	return nil
}

func TestEveryRequestGetsItsAnswer(t *testing.T) {
	for _, workers := range []int{1, 3} {
		var samples, requests, largest atomic.Int64
		b := start(t, sums, batching.MaxBatch(8), batching.Queue(1000), batching.Workers(workers), batching.Observe(func(of batching.Batch) {
			samples.Add(int64(of.Samples))
			requests.Add(int64(of.Requests))
			for m := largest.Load(); m < int64(of.Samples) && !largest.CompareAndSwap(m, int64(of.Samples)); m = largest.Load() {
			}
		}))
		var group sync.WaitGroup
		want := int64(0)
		for id := range 1000 {
			n := 1 + id%8
			want += int64(n)
			group.Go(func() {
				if err := ask(t.Context(), b, id, n); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		b.Close()
		if samples.Load() != want || requests.Load() != 1000 || largest.Load() > 8 {
			t.Errorf("batches had %d samples of %d requests, at most %d; want %d of 1000, at most 8", samples.Load(), requests.Load(), largest.Load(), want)
		}
	}
}

// blocked is a function that waits for each call to be let go.
type blocked struct{ began, let chan struct{} }

func newBlocked() blocked { return blocked{make(chan struct{}, 100), make(chan struct{})} }

func (f blocked) predict(dst, x []float32) error {
	f.began <- struct{}{}
	<-f.let
	return sums(dst, x)
}

func TestRequestsBehindABatchShareTheNext(t *testing.T) {
	f := newBlocked()
	sizes := make(chan int, 10)
	b := start(t, f.predict, batching.MaxBatch(5), batching.MaxWait(0), batching.Observe(func(of batching.Batch) { sizes <- of.Samples }))
	var group sync.WaitGroup
	group.Go(func() { _ = ask(t.Context(), b, 0, 1) })
	<-f.began
	for id := range 7 {
		group.Go(func() {
			if err := ask(t.Context(), b, id, 1); err != nil {
				t.Error(err)
			}
		})
	}
	for b.Waiting() < 7 {
		time.Sleep(time.Millisecond)
	}
	close(f.let)
	group.Wait()
	if got := [3]int{<-sizes, <-sizes, <-sizes}; got != [3]int{1, 5, 2} {
		t.Errorf("batches have %v samples, want 1, 5, 2", got)
	}
}

func TestALoneRequestWaitsNoLongerThanItMay(t *testing.T) {
	b := start(t, sums, batching.MaxBatch(1000), batching.MaxWait(time.Millisecond))
	began := time.Now()
	if err := ask(t.Context(), b, 1, 1); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAFullQueue(t *testing.T) {
	f := newBlocked()
	b := start(t, f.predict, batching.Queue(3), batching.MaxBatch(1))
	results := make(chan error)
	for id := range 4 {
		go func() { results <- ask(t.Context(), b, id, 1) }()
		if id == 0 {
			<-f.began // the others wait
		}
	}
	for b.Waiting() < 3 {
		time.Sleep(time.Millisecond)
	}
	if err := ask(t.Context(), b, 9, 1); !errors.Is(err, batching.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	close(f.let)
	for range 4 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func TestGivingUp(t *testing.T) {
	f := newBlocked()
	var asked atomic.Int64
	b := start(t, func(dst, x []float32) error { asked.Add(int64(len(x) / 2)); return f.predict(dst, x) }, batching.MaxBatch(1))
	first := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { first <- ask(ctx, b, 1, 1) }()
	<-f.began
	second := make(chan error)
	waiting, giveUp := context.WithCancel(t.Context())
	go func() { second <- ask(waiting, b, 2, 1) }()
	for b.Waiting() < 1 {
		time.Sleep(time.Millisecond)
	}
	giveUp()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up in the queue: got %v, want that it is cancelled", err)
	}
	cancel()
	close(f.let)
	if err := <-first; err != nil {
		t.Errorf("who gives up in a batch gets its answer: %v", err)
	}
	if err := ask(ctx, b, 3, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up before: got %v", err)
	}
	b.Close()
	if n := asked.Load(); n != 1 {
		t.Errorf("predicted %d samples, want 1: no one wants the others", n)
	}
}

func TestCloseAnswersAll(t *testing.T) {
	f := newBlocked()
	b := start(t, f.predict, batching.MaxBatch(3), batching.MaxWait(time.Hour))
	results := make(chan error)
	for id := range 10 {
		go func() { results <- ask(t.Context(), b, id, 1) }()
	}
	<-f.began
	for b.Waiting() < 7 {
		time.Sleep(time.Millisecond)
	}
	closed := make(chan struct{})
	go func() { b.Close(); close(closed) }()
	for err := error(nil); !errors.Is(err, batching.ErrClosed); {
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		err = ask(soon, b, 0, 1)
		cancel()
	}
	close(f.let)
	for range 10 {
		if err := <-results; err != nil && !errors.Is(err, batching.ErrClosed) {
			t.Error(err)
		}
	}
	<-closed
	b.Close() // again
}

func TestErrorsOfTheFunction(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		f    batching.Func
		want string
	}{
		{func(dst, x []float32) error { return broken }, "broken"},
		{func(dst, x []float32) error { panic("out of order") }, "out of order"},
	} {
		b := start(t, c.f)
		for range 2 {
			if err := ask(t.Context(), b, 1, 1); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	b := start(t, sums, batching.MaxBatch(2))
	for _, c := range []struct {
		dst, x int
		want   string
	}{{0, 0, "0 elements"}, {2, 3, "multiple of 2"}, {6, 6, "at most 2"}, {3, 2, "room for 2"}} {
		err := b.Predict(t.Context(), make([]float32, c.dst), make([]float32, c.x))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q in it", err, c.want)
		}
	}
	for _, c := range []struct {
		want string
		opts []batching.Option
	}{
		{"MaxBatch is 0", []batching.Option{batching.MaxBatch(0)}},
		{"Queue is 0", []batching.Option{batching.Queue(0)}},
		{"Workers is -1", []batching.Option{batching.Workers(-1)}},
		{"MaxWait is -1ns", []batching.Option{batching.MaxWait(-1)}},
		{"Observe", []batching.Option{batching.Observe(nil)}},
	} {
		if _, err := batching.New(sums, 2, 2, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q in it", err, c.want)
		}
	}
	if _, err := batching.New(nil, 2, 2); err == nil {
		t.Error("no function: no error")
	}
	if _, err := batching.New(sums, 0, 2); err == nil {
		t.Error("samples of no elements: no error")
	}
}

func Example() {
	b, err := batching.New(sums, 2, 2, batching.MaxBatch(16), batching.MaxWait(time.Millisecond))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	y := make([]float32, 2)
	if err := b.Predict(context.Background(), y, []float32{5, 3}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y)
	// Output: [8 2]
}
