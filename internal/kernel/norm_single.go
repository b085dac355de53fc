package kernel

import "github.com/thinnet/thinnet/internal/kernel/channels"

// Normalisation in float32, by the loops of package channels. Layouts that no
// normalisation has are left to the code for all types.

// moments32 is [Moments] for a canonical layout.
func moments32(stats, x []float32, l Layout) {
	mean, variance := stats[:l.Groups], stats[l.Groups:]
	switch {
	case l.columns():
		channels.Moments(mean, variance, x, l.Outer, l.Groups)
	case l.Groups == 1:
		channels.Moments(mean, variance, x, len(x), 1)
	default:
		channels.GroupMoments(mean, variance, x, l.Outer, l.Groups, l.Inner)
	}
}

// layered reports whether n is layer norm: groups are rows, and gamma and beta
// belong to their columns.
func (n *Norm) layered() bool {
	return n.Affine.Inner == 1 && n.Of.Outer == 1 && n.Of.Inner == n.Affine.Groups && n.Of.Groups > 1
}

// batch reports whether gamma and beta have the groups of the statistics, and if
// these are columns.
func (n *Norm) batch() (ok, columns bool) { return n.Of == n.Affine, n.Of.columns() }

// run returns the number of neighbours with one mean and one gamma, 0 if gamma
// changes with every element.
func (n *Norm) run() int {
	if s := cut(n.Of, n.Affine); !s.advancing || n.Of == n.Affine {
		return s.n
	}
	return 0
}

func normalize32(n Norm, y, x, stats, gamma, beta []float32) bool {
	mean, variance := stats[:n.Of.Groups], stats[n.Of.Groups:]
	mem := channels.Borrow()
	defer mem.GiveBack()
	if n.layered() {
		buf := mem.Floats(n.Of.Groups + 2*n.Affine.Groups)
		r := n.scales(buf, variance)
		if gamma == nil {
			gamma = buf[n.Of.Groups:][:n.Affine.Groups]
			fill(gamma, 1)
		}
		if beta == nil {
			beta = buf[n.Of.Groups+n.Affine.Groups:]
			clear(beta)
		}
		channels.LayerAffine(y, x, mean, r, gamma, beta, n.ReLU)
		return true
	}
	switch k, run := n.forward(mem, len(x), mean, variance, gamma, beta); {
	case k.A == nil:
		return false
	case run == 0:
		channels.Affine(y, x, k, n.Of.Outer, n.Of.Groups, n.ReLU)
	default:
		channels.RowAffine(y, x, k, run, n.ReLU)
	}
	return true
}

// scales returns 1/sqrt(var+eps) of each group.
func (n *Norm) scales(buf, variance []float32) []float32 {
	r := buf[:n.Of.Groups]
	for g := range r {
		r[g] = float32(rstd(variance[g], n.Eps))
	}
	return r
}

// forward returns the coefficients of the normalisation, for each column if run is
// 0, else for each row of run elements. It returns none if they can be given in
// neither way.
func (n *Norm) forward(mem *channels.Memory, size int, mean, variance, gamma, beta []float32) (k channels.Map, run int) {
	count := n.Of.Groups
	if batch, columns := n.batch(); !batch || !columns {
		if run = n.run(); run == 0 {
			return k, 0
		}
		count = size / run
	}
	buf := mem.Floats(3*count + n.Of.Groups)
	k.Mean, k.A, k.B = buf[:count], buf[count:2*count], buf[2*count:3*count]
	r := n.scales(buf[3*count:], variance)
	for i := range count {
		g, c := i, i
		if run > 0 {
			g, c = n.Of.group(i*run), n.Affine.group(i*run)
		}
		k.Mean[i], k.A[i], k.B[i] = mean[g], r[g], 0
		if gamma != nil {
			k.A[i] *= gamma[c]
		}
		if beta != nil {
			k.B[i] = beta[c]
		}
	}
	return k, run
}

func sums32(n Norm, sums, x, stats, gamma, beta, dy []float32) bool {
	mean, variance := stats[:n.Of.Groups], stats[n.Of.Groups:]
	groups := n.Affine.Groups
	mem := channels.Borrow()
	defer mem.GiveBack()
	if n.layered() && !n.ReLU {
		total := mem.Doubles(2 * groups)
		channels.LayerSums(total[:groups], total[groups:], x, dy, mean, n.scales(mem.Floats(n.Of.Groups), variance))
		round(sums, total)
		return true
	}
	k, run := n.forward(mem, len(x), mean, variance, gamma, beta)
	if k.A == nil {
		return false
	}
	if !n.ReLU {
		k.A, k.B = nil, nil
	}
	if run == 0 {
		total := mem.Doubles(2 * groups)
		channels.Sums(total[:groups], total[groups:], x, dy, k, n.Of.Outer, groups)
		for c := range groups {
			sums[c], sums[groups+c] = float32(total[c]), float32(total[groups+c]*rstd(variance[c], n.Eps))
		}
		return true
	}
	rows := len(x) / run
	buf := mem.Doubles(2*rows + 2*groups)
	sum, dot, total := buf[:rows], buf[rows:2*rows], buf[2*rows:]
	channels.RowSums(sum, dot, x, dy, k, run)
	clear(total)
	for i, s := range sum {
		c := n.Affine.group(i * run)
		total[c] += s
		total[groups+c] += dot[i] * rstd(variance[n.Of.group(i*run)], n.Eps)
	}
	round(sums, total)
	return true
}

func backward32(n Norm, dx, x, stats, gamma, beta, dy, sums []float32) bool {
	mean, variance := stats[:n.Of.Groups], stats[n.Of.Groups:]
	mem := channels.Borrow()
	defer mem.GiveBack()
	run := n.run()
	switch batch, _ := n.batch(); {
	case batch:
		n.backwardBatch(mem, dx, x, mean, variance, gamma, beta, dy, sums)
		return true
	case n.ReLU || n.Constant || n.Of.Outer != 1:
		return false
	}
	buf := mem.Floats(n.Of.Groups + n.Affine.Groups)
	r := n.scales(buf, variance)
	if gamma == nil {
		gamma = buf[n.Of.Groups:]
		fill(gamma, 1)
	}
	switch {
	case n.layered():
		channels.LayerGrad(dx, x, dy, gamma, mean, r)
		return true
	case run > 0 && (run == n.Affine.Inner || n.Affine.Groups == 1):
		channels.GroupGrad(dx, x, dy, gamma, mean, r, n.Of.Inner/run, run)
		return true
	}
	return false
}

// backwardBatch serves batch norm, whose sums are those of gamma and beta.
func (n *Norm) backwardBatch(mem *channels.Memory, dx, x, mean, variance, gamma, beta, dy, sums []float32) {
	more := channels.Borrow()
	defer more.GiveBack()
	forward, run := n.forward(mem, len(x), mean, variance, gamma, beta)
	k := n.gradient(more, forward, run, variance, sums)
	if run == 0 {
		channels.Grad(dx, x, dy, k, n.Of.Outer, n.Of.Groups)
	} else {
		channels.RowGrad(dx, x, dy, k, run)
	}
}

// gradient returns the coefficients of batch norm's gradient.
func (n *Norm) gradient(mem *channels.Memory, forward channels.Map, run int, variance, sums []float32) channels.Gradient {
	count := len(forward.A)
	buf := mem.Floats(2 * count)
	k := channels.Gradient{Map: forward, P: buf[:count], Q: buf[count:], ReLU: n.ReLU}
	if n.Constant {
		clear(buf)
		return k
	}
	m := float64(n.Of.Outer * n.Of.Inner)
	for i := range count {
		g := i
		if run > 0 {
			g = n.Of.group(i * run)
		}
		r := rstd(variance[g], n.Eps)
		dot := float64(sums[n.Of.Groups+g]) / r
		k.P[i], k.Q[i] = channels.Coefficients(float64(sums[g]), dot, r, float64(k.A[i]), m)
	}
	return k
}
