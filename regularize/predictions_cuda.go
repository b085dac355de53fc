package regularize

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op normals) Launch(c *cuda.Commands, y cuda.Value, _ ...cuda.Value) {
	c.Copy(y.Pointer, c.Constants(op.values), y.Bytes())
}

// Launch implements [graph.Launcher].
func (op deviation) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("root", y.Len(), y, in[0], op.factor, y.Len())
}

// Launch implements [graph.Launcher].
func (op deviationGrad) Launch(c *cuda.Commands, dv cuda.Value, in ...cuda.Value) {
	c.Each("root_grad", dv.Len(), dv, in[0], in[1], op.factor, dv.Len())
}

// Launch implements [graph.Launcher].
func (expectedReLU) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("expected_relu", y.Len(), y, in[0], in[1], y.Len())
}

// Launch implements [graph.Launcher].
func (op expectedGrad) Launch(c *cuda.Commands, d cuda.Value, in ...cuda.Value) {
	c.Each("expected_relu_grad", d.Len(), d, in[0], in[1], in[2], op.deviation, d.Len())
}

// Launch implements [graph.Launcher].
func (op meanOfCopies) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("mean_of_copies", y.Len(), y, in[0], float32(1/float64(op.z)), op.z, y.Len())
}

// Launch implements [graph.Launcher].
func (op copiesGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	c.Each("copies", in[0].Len(), dx, in[0], float32(1/float64(op.z)), op.z, in[0].Len())
}
