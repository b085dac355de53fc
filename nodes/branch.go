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
			if op.ShiftsVariance() {
				return x
			}
		case normPool:
			if shifts(op.mask) {
				return in[len(in)-1] // the factors, which have the path of the noise
			}
			return nil
		case normalize:
			if !op.constant {
				return nil
			}
		case concat:
			for _, part := range in {
				if found := noisy(part, seen); found != nil {
					return found
				}
			}
			return nil
		}
		for _, other := range in[1:] {
			if op, _ := other.Made(); shifts(op) {
				return other
			}
			if activation(other, map[*graph.Node]bool{}) {
				return nil
			}
		}
		x = in[0]
	}
	return nil
}

// shifts reports whether op is noise.
func shifts(op graph.Op) bool {
	noise, ok := op.(graph.Noisy)
	return ok && noise.ShiftsVariance()
}

// activation reports whether x depends on the input of the model, as weights do not.
func activation(x *graph.Node, seen map[*graph.Node]bool) bool {
	if seen[x] {
		return false
	}
	seen[x] = true
	_, in := x.Made()
	for _, of := range in {
		if activation(of, seen) {
			return true
		}
	}
	return x.IsInput()
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
