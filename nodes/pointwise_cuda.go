package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op pointwise) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	name, numbers, _ := op.f.Name()
	launchCurve(c, name, y.Len(), numbers, y, in[0])
}

// Launch implements [graph.Launcher].
func (op pointwiseGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	name, numbers, ofOutput := op.of.f.Name()
	of := in[0]
	if ofOutput {
		of = in[1]
	}
	launchCurve(c, name+"_grad", dx.Len(), numbers, dx, of, in[2])
}

func launchCurve(c *cuda.Commands, kernel string, n int, numbers []float64, args ...any) {
	for _, v := range numbers {
		args = append(args, float32(v))
	}
	c.Fours(kernel, n, append(args, n)...)
}
