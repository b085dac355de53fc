package recurrent

import "github.com/thinnet/thinnet/internal/kernel/pool"

// TimeMajor copies x (N, T, F) to y (T, N, F), and BatchMajor the other way. Where a
// step is not within the length of its sample, what is written is 0.
func TimeMajor[T Float](y, x []T, steps, batch, width int, lengths []T) {
	swap(swapJob[T]{y, x, batch, steps, width, lengths, true}, steps)
}

func BatchMajor[T Float](y, x []T, steps, batch, width int, lengths []T) {
	swap(swapJob[T]{y, x, steps, batch, width, lengths, false}, batch)
}

func swap[T Float](j swapJob[T], outer int) {
	const grain = 1 << 14 // numbers
	pool.Run(outer*j.inner, max(1, grain/max(1, j.width)), j)
}

// swapJob makes y (outer, inner, width) of x (inner, outer, width).
type swapJob[T Float] struct {
	y, x         []T
	inner, outer int
	width        int
	lengths      []T
	timeFirst    bool // in y
}

func (j *swapJob[T]) Do(lo, hi int) {
	for row := lo; row < hi; row++ {
		o, i := row/j.inner, row%j.inner
		t, n := o, i
		if !j.timeFirst {
			t, n = i, o
		}
		to := j.y[row*j.width:][:j.width]
		if counts(j.lengths, n, t) {
			copy(to, j.x[(i*j.outer+o)*j.width:])
		} else {
			clear(to)
		}
	}
}

// States copies the states of a trace.
func States[T Float](l Layer, states, trace []T) {
	n := l.hiddens()
	pool.Run(n, 1<<14, copyJob[T]{states, trace})
	if l.Cell == LSTM {
		copy(states[n:], trace[n+l.End(false):][:l.state()])
	}
}

type copyJob[T Float] struct{ y, x []T }

func (j *copyJob[T]) Do(lo, hi int) { copy(j.y[lo:hi], j.x[lo:hi]) }

// Output makes y (N, T, H) of states, with 0 beyond the lengths.
func Output[T Float](l Layer, y, states, lengths []T) {
	BatchMajor(y, states[l.after():], l.Steps, l.Batch, l.Hidden, lengths)
}

// OutputGrad computes the gradient of the states, for that of Output.
func OutputGrad[T Float](l Layer, d, dy, lengths []T) {
	from := l.after()
	clear(d[:from])
	clear(d[from+l.Steps*l.state():])
	TimeMajor(d[from:], dy, l.Steps, l.Batch, l.Hidden, lengths)
}

// after returns where the state after the step at time 0 lies.
func (l Layer) after() int {
	if l.Reverse {
		return 0
	}
	return l.state()
}
