// Package recurrent computes layers of recurrent units over whole sequences.
//
// Numbers are time-major here: x is (T, N, F), so that what a step reads and writes
// lies side by side. The projection of all steps of the input is one matrix product;
// then each step is one product with the state, whose columns the cores share, and
// each applies its units' functions to what it has just computed.
package recurrent

import "github.com/thinnet/thinnet/internal/kernel/vec"

// Float is the element types.
type Float = vec.Float

// A Cell is a kind of unit.
type Cell uint8

// The cells, with the order in which PyTorch stacks their weights.
const (
	LSTM Cell = iota // i, f, g, o
	GRU              // r, z, n
	Tanh
	ReLU
)

// A Layer is the size of a layer in one direction.
type Layer struct {
	Cell                     Cell
	Steps, Batch, In, Hidden int
	Reverse                  bool // from the last step to the first
}

// Gates returns how many matrices each weight is a stack of.
func (l Layer) Gates() int {
	switch l.Cell {
	case LSTM:
		return 4
	case GRU:
		return 3
	}
	return 1
}

// kept is how many numbers of a unit and a step the gradient needs beside the
// states. A GRU's are r, z, n and what r is multiplied by.
func (l Layer) kept() int {
	switch l.Cell {
	case LSTM, GRU:
		return 4
	}
	return 0
}

// state is the size of a state, (N, H).
func (l Layer) state() int { return l.Batch * l.Hidden }

// StatesSize is the number of elements of the states h of all steps, (T+1, N, H),
// and of the last c of an LSTM, (N, H). A layer in reverse ends at state 0, any
// other starts there.
func (l Layer) StatesSize() int { return l.hiddens() + l.cells()*l.state() }

func (l Layer) hiddens() int { return (l.Steps + 1) * l.state() }

func (l Layer) cells() int {
	if l.Cell == LSTM {
		return 1
	}
	return 0
}

// TraceSize is the number of elements of what the gradient needs: the states h, all
// states c of an LSTM, and the gates (T, N, 4H).
func (l Layer) TraceSize() int {
	return (1+l.cells())*l.hiddens() + l.Steps*l.kept()*l.state()
}

// GradSize is the number of elements of the gradients of what goes into the gates,
// (T, N, 4H) with the layout of the gates, and those of the first h and c.
func (l Layer) GradSize() int { return l.Steps*l.width()*l.state() + (1+l.cells())*l.state() }

// width is how many gradients there are for a unit and a step: a GRU's are of r, z
// and n, and of what r is multiplied by.
func (l Layer) width() int { return max(1, l.kept()) }

// End returns where in the states the h, or the c, of the end lies.
func (l Layer) End(cell bool) int {
	if cell {
		return l.hiddens()
	}
	return l.stateAt(l.Steps) * l.state()
}

// stateAt returns where the state after k steps lies, as a number of states.
func (l Layer) stateAt(k int) int {
	if l.Reverse {
		return l.Steps - k
	}
	return k
}

// step returns the time of the k-th step.
func (l Layer) step(k int) int {
	if l.Reverse {
		return l.Steps - 1 - k
	}
	return k
}

// units returns how many units a core takes at a time.
func (l Layer) units() int {
	const most = 8 // blocks
	u := max(64, (l.Hidden+most-1)/most)
	return min(l.Hidden, (u+31)/32*32)
}

// blocks returns how many of these there are.
func (l Layer) blocks() int { return (l.Hidden + l.units() - 1) / l.units() }

// block returns the units of block b.
func (l Layer) block(b int) (lo, hi int) {
	return b * l.units(), min((b+1)*l.units(), l.Hidden)
}

// grain returns how many blocks are worth handing to another core.
func (l Layer) grain() int {
	const chunkWork = 1 << 19 // multiplications, some 10 µs with AVX-512
	return max(1, chunkWork/max(1, l.Batch*l.Gates()*l.units()*l.Hidden))
}
