package kernel

import "github.com/thinnet/thinnet/internal/kernel/channels"

// A NormPool is batch norm of columns, a ReLU, a factor for each channel of each
// image, and max pooling by [Windows] that are pairwise, see [Pool.Pairwise], in one pass over x:
//
//	y = max over the window of factor·max(0, normalized x)
//
// in float32 on channels-last memory. factor is (N, C), not negative, and may be
// nil; where one is 0 so is y. gamma and beta may be nil.
type NormPool struct {
	Norm
	*Windows
}

// Forward computes y.
func (p *NormPool) Forward(y, x, stats, gamma, beta, factor []float32) {
	mem := channels.Borrow()
	p.fused(mem, x, stats, gamma, beta, factor).Pool(y, x)
	mem.GiveBack()
}

func (p *NormPool) fused(mem *channels.Memory, x, stats, gamma, beta, factor []float32) channels.Fused {
	groups := p.Of.Groups
	k, _ := p.forward(mem, len(x), stats[:groups], stats[groups:], gamma, beta)
	return channels.Fused{Windows: p.Windows, K: k, Factor: factor}
}

// Sums computes the gradients of beta and gamma, as [NormalizeSums] does.
func (p *NormPool) Sums(sums, x, stats, gamma, beta, factor, dy []float32) {
	mem := channels.Borrow()
	groups := p.Of.Groups
	total := mem.Doubles(2 * groups)
	p.fused(mem, x, stats, gamma, beta, factor).Sums(total[:groups], total[groups:], x, dy)
	for c := range groups {
		sums[c], sums[groups+c] = float32(total[c]), float32(total[groups+c]*rstd(stats[groups+c], p.Eps))
	}
	mem.GiveBack()
}

// Backward computes the gradient with respect to x from the sums. dx may be x.
func (p *NormPool) Backward(dx, x, stats, gamma, beta, factor, dy, sums []float32) {
	mem, more := channels.Borrow(), channels.Borrow()
	f := p.fused(mem, x, stats, gamma, beta, factor)
	k := p.gradient(more, f.K, 0, stats[p.Of.Groups:], sums)
	f.Grad(dx, x, dy, k.P, k.Q)
	mem.GiveBack()
	more.GiveBack()
}
