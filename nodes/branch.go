package nodes

import "github.com/thinnet/thinnet/graph"

// varianceShift is the warning of a batch norm behind dropout.
const varianceShift = "dropout before a batch norm, with no other norm and no residual sum between the two, changes the variance in training alone, most kinds by 1/(1-p) times or more just after it, and the norm keeps that for predictions (variance shift; Li et al. 2019, https://arxiv.org/abs/1801.05134; mild for a small p and in wide layers): put dropout after the last norm, in a residual branch after the last one there, or call train.RecalibrateBatchNorm after training"

// noiseBefore returns a noisy node in the branch that ends at x, nil if there is none.
// The branch leads back from the output of an op to its first input, and:
//
//   - ends at a norm with statistics of what it reads, which takes the noise's variance
//     out again, and so at a layer norm and a group norm;
//   - ends at an op of several activations, such as the sum behind a residual branch,
//     where what came by the skip is not in the branch;
//   - ends not at noise that draws in predictions too, by [graph.Scope.InMode];
//   - has in it the weights of its ops, for dropout of weights is noise of the output;
//   - goes on in each input of a [Concat], which leaves its parts as they are.
func noiseBefore(x *graph.Node) *graph.Node { return noisy(x, map[*graph.Node]bool{}) }

func noisy(x *graph.Node, seen map[*graph.Node]bool) *graph.Node {
	for !seen[x] {
		seen[x] = true
		op, in := x.Made()
		switch op := op.(type) {
		case nil, ghostNormalize:
			return nil
		case graph.Noisy:
			if shifts(x) {
				return x
			}
		case normPool:
			factors := in[len(in)-1] // which have the path of the noise
			if noise, ok := op.mask.(graph.Noisy); ok && noise.ShiftsVariance() && !factors.InModeOfItsOwn() {
				return factors
			}
			return nil
		case normalize:
			if !op.constant {
				return nil
			}
		case tracedStates:
			x = in[0] // made of the other inputs
			continue
		case concat:
			for _, part := range in {
				if found := noisy(part, seen); found != nil {
					return found
				}
			}
			return nil
		}
		for i, other := range in[1:] {
			if shifts(other) {
				return other
			}
			if joins(op, i+1, other) {
				return nil
			}
		}
		x = in[0]
	}
	return nil
}

// shifts reports whether x is noise in training alone.
func shifts(x *graph.Node) bool {
	op, _ := x.Made()
	noise, ok := op.(graph.Noisy)
	return ok && noise.ShiftsVariance() && !x.InModeOfItsOwn()
}

// joins reports whether input i of op, which is x, is an activation that the output is
// made of as it is of the first input. Factors and lengths are none, as they have no
// gradient, and weights are none either.
func joins(op graph.Op, i int, x *graph.Node) bool {
	if _, ok := op.(graph.Differentiable); !ok {
		return false
	}
	if partly, ok := op.(graph.PartlyDifferentiable); ok && !partly.HasGradient(i) {
		return false
	}
	return x.DependsOnInput()
}

// AfterConvolution reports whether x is a feature map of several pixels just behind a
// convolution: its output, or what norms and activations make of that. Neighbours in
// such a map say nearly the same.
func AfterConvolution(x *graph.Node) bool {
	if x.Dims() < 3 || x.Shape()[2:].TotalSize() == 1 {
		return false
	}
	for {
		op, in := x.Made()
		switch op.(type) {
		case conv, convTranspose:
			return true
		case normalize, ghostNormalize, relu, leakyReLU, pointwise:
			x = in[0]
		default:
			return false
		}
	}
}
