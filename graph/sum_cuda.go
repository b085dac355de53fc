package graph

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [Launcher].
func (sum) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	if len(in) == 1 {
		c.Copy(y.Pointer, in[0].Pointer, y.Bytes())
		return
	}
	first, rest := in[0], in[1:]
	for len(rest) > 0 { // up to three more, added to what there is, as on the CPU
		kernel := [...]string{"add", "add3", "add4"}[min(3, len(rest))-1]
		args := []any{y, first}
		for _, x := range rest[:min(3, len(rest))] {
			args = append(args, x)
		}
		c.Fours(kernel, y.Len(), append(args, y.Len())...)
		first, rest = y, rest[min(3, len(rest)):]
	}
}

// Launch implements [Launcher].
func (addScalars) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	sum{}.Launch(c, y, in...)
}

// Launch implements [Launcher].
func (gradientOf) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	sum{}.Launch(c, y, in...)
}

// Launch implements [Launcher].
func (total) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Sum(y.Pointer, in[0].Pointer, 1, in[0].Len(), 1, 1)
}

// Launch implements [Launcher].
func (spread) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("spread", y.Len(), y, in[0], float32(1), y.Len())
}

// Launch implements [Launcher].
func (held) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	words := y.Bytes() / 4
	c.Each("held", words, y, in[0], in[1], in[2], words)
}
