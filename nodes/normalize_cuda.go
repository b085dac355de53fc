package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Launch implements [graph.Launcher].
func (op moments) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchMoments(c, y.Pointer, in[0].Pointer, op.of)
}

func launchMoments(c *cuda.Commands, stats, x cuda.Pointer, of kernel.Layout) {
	r := reductionOf(of)
	if parts, join := r.launch(c, "moments", stats, 3, []any{x}, nil); join {
		c.Blocks("moments_join", r.of.Groups, 32, stats, parts, x, r.of.Groups, r.of.Inner, r.splits)
	}
}

// Launch implements [graph.Launcher].
func (op normalize) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	deviceNormOf(c, op.kernel(), in[2:]).normalize(y.Pointer, in[0].Pointer, in[1].Pointer)
}

// Launch implements [graph.Launcher].
func (op normalizeSums) Launch(c *cuda.Commands, sums cuda.Value, in ...cuda.Value) {
	x, stats, dy, affine := inputs(op.normalizing, in)
	deviceNormOf(c, op.of.kernel(), affine).sums(sums.Pointer, x.Pointer, stats.Pointer, dy.Pointer)
}

// Launch implements [graph.Launcher].
func (op normalizeGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	x, stats, dy, affine := inputs(op.normalizing, in)
	if !op.of.shared() {
		deviceNormOf(c, op.of.kernel(), affine).grad(dx.Pointer, x.Pointer, stats.Pointer, dy.Pointer)
		return
	}
	last := len(affine) - 1
	deviceNormOf(c, op.of.kernel(), affine[:last]).gradFrom(affine[last].Pointer, dx.Pointer, x.Pointer, stats.Pointer, dy.Pointer, 0)
}

// A deviceNorm is a normalisation whose commands are recorded.
type deviceNorm struct {
	kernel.Norm
	c           *cuda.Commands
	gamma, beta cuda.Pointer
	by          kernel.Layout // of gamma and beta
	size        int
}

func deviceNormOf(c *cuda.Commands, n kernel.Norm, affine []cuda.Value) deviceNorm {
	d := deviceNorm{Norm: n, c: c, size: n.Of.Outer * n.Of.Groups * n.Of.Inner}
	d.Of, d.Affine = oneWay(n.Of), oneWay(n.Affine)
	if len(affine) > 0 {
		d.by, d.gamma, d.beta = d.Affine, affine[0].Pointer, affine[1].Pointer
		return d
	}
	one := c.Scratch(2)
	c.Fill(one, math.Float32bits(1), 1)
	c.Fill(one.Add(1), 0, 1)
	d.by, d.gamma, d.beta = kernel.Layout{Outer: 1, Groups: 1, Inner: d.size}, one, one.Add(1)
	return d
}

// Options of the kernels, as in norm.h.
const (
	normReLU = 1 << iota
	normConstant
	normWeighted
)

// attributes are the options, and ε in two parts.
func (d deviceNorm) attributes(more int32) []any {
	if d.ReLU {
		more |= normReLU
	}
	if d.Constant {
		more |= normConstant
	}
	eps := float32(d.Eps)
	return []any{more, eps, float32(d.Eps - float64(eps))}
}

func layoutArgs(l kernel.Layout) []any {
	return []any{cuda.Divisor(l.Inner), cuda.Divisor(l.Groups), l.Groups}
}

// each launches a kernel over all elements, by fours where each four have one mean.
func (d deviceNorm) each(kernel string, options int32, args ...any) {
	layouts := append(append(d.attributes(options), layoutArgs(d.Of)...), layoutArgs(d.by)...)
	args = append(args, d.size)
	columns := d.by.Inner == 1 && d.by.Groups%4 == 0
	if d.Of.Inner%4 != 0 || !columns && d.by.Inner%4 != 0 {
		d.c.Each(kernel, d.size, append(args, layouts...)...)
		return
	}
	d.c.Each(kernel+"_four", d.size/4, append(append(args, columns), layouts...)...)
}

func (d deviceNorm) normalize(y, x, stats cuda.Pointer) {
	d.each("normalize", 0, y, x, stats, d.gamma, d.beta)
}

// sums are the gradients of beta and gamma.
func (d deviceNorm) sums(sums, x, stats, dy cuda.Pointer) {
	if d.Of == d.Affine {
		d.sumsOver("norm_sums_batch", d.Of, d.by, sums, x, stats, stats, dy)
		return
	}
	scale, attributes := d.c.Scratch(d.Of.Groups), d.attributes(0)
	d.c.Each("norm_scale", d.Of.Groups, scale, stats, d.Of.Groups, attributes[1], attributes[2])
	d.sumsOver("norm_sums_gamma", d.Affine, d.Of, sums, x, stats, scale, dy)
}

func (d deviceNorm) sumsOver(kernel string, of, other kernel.Layout, sums, x, stats, scale, dy cuda.Pointer) {
	r := reductionOf(of)
	parts, join := r.launch(d.c, kernel, sums, 2, []any{x, stats, scale, d.gamma, d.beta, dy}, append(d.attributes(0), layoutArgs(other)...))
	if join {
		d.c.Blocks("norm_sums_join", r.of.Groups, 32, sums, parts, r.of.Groups, r.splits)
	}
}

// grad is the gradient of x, which needs sums over the groups of the statistics.
func (d deviceNorm) grad(dx, x, stats, dy cuda.Pointer) {
	switch {
	case d.Constant:
		d.gradFrom(stats, dx, x, stats, dy, 0) // the sums aren't read
	case d.Of.Outer == 1 && reductionOf(d.Of).splits == 1:
		args := []any{dx, x, stats, stats, d.gamma, d.beta, dy, d.Of.Groups, d.Of.Inner, 1 / float32(d.Of.Inner)}
		d.c.Blocks("normalize_grad_rows", d.Of.Groups, threadsFor(d.Of.Inner), append(append(args, d.attributes(0)...), layoutArgs(d.by)...)...)
	default:
		sums := d.c.Scratch(2 * d.Of.Groups)
		d.sumsOver("norm_sums_stats", d.Of, d.by, sums, x, stats, stats, dy)
		d.gradFrom(sums, dx, x, stats, dy, normWeighted)
	}
}

// gradFrom is the gradient of x from the sums.
func (d deviceNorm) gradFrom(sums, dx, x, stats, dy cuda.Pointer, options int32) {
	d.each("normalize_grad", options, dx, x, stats, d.gamma, d.beta, dy, sums, 1/float32(d.Of.Outer*d.Of.Inner))
}
