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
		buf := mem.Floats(2*n.Of.Groups + 2*n.Affine.Groups)
		a, b := n.standard(buf, mean, variance)
		if gamma == nil {
			gamma = buf[2*n.Of.Groups:][:n.Affine.Groups]
			fill(gamma, 1)
		}
		if beta == nil {
			beta = buf[2*n.Of.Groups+n.Affine.Groups:]
			clear(beta)
		}
		channels.LayerAffine(y, x, a, b, gamma, beta, n.ReLU)
		return true
	}
	f, ok := n.forward(mem, len(x), mean, variance, gamma, beta)
	switch {
	case !ok:
		return false
	case f.columns:
		channels.Affine(y, x, f.a, f.b, n.Of.Outer, n.Of.Groups, n.ReLU)
	default:
		channels.RowAffine(y, x, f.a, f.b, f.n, n.ReLU)
	}
	return true
}

// standard returns the a and b of each group with which xhat = a·x + b.
func (n *Norm) standard(buf, mean, variance []float32) (a, b []float32) {
	a, b = buf[:n.Of.Groups], buf[n.Of.Groups:2*n.Of.Groups]
	for g := range a {
		r := rstd(variance[g], n.Eps)
		a[g], b[g] = float32(r), float32(-r*float64(mean[g]))
	}
	return a, b
}

// A forwardMap is y = a·x + b with an a and a b for each column, or for each row of
// n elements.
type forwardMap struct {
	columns bool
	n       int
	a, b    []float32
}

// forward computes it. rest more numbers of each kind are left in memory.
func (n *Norm) forward(mem *channels.Memory, size int, mean, variance, gamma, beta []float32) (forwardMap, bool) {
	f := forwardMap{n: n.run()}
	batch, columns := n.batch()
	count := 0
	switch {
	case batch && columns:
		f.columns, count = true, n.Of.Groups
	case f.n == 0:
		return f, false
	default:
		count = size / f.n
	}
	buf := mem.Floats(2*count + n.Of.Groups)
	f.a, f.b = buf[:count], buf[count:2*count]
	r := buf[2*count:]
	for g := range r {
		r[g] = float32(rstd(variance[g], n.Eps))
	}
	for i := range f.a {
		g, c := i, i
		if !f.columns {
			g, c = n.Of.group(i*f.n), n.Affine.group(i*f.n)
		}
		f.a[i], f.b[i] = r[g], 0
		if gamma != nil {
			f.a[i] *= gamma[c]
		}
		if beta != nil {
			f.b[i] = beta[c]
		}
		f.b[i] = float32(float64(f.b[i]) - float64(mean[g])*float64(f.a[i]))
	}
	return f, true
}

func sums32(n Norm, sums, x, stats, gamma, beta, dy []float32) bool {
	mean, variance := stats[:n.Of.Groups], stats[n.Of.Groups:]
	groups := n.Affine.Groups
	mem := channels.Borrow()
	defer mem.GiveBack()
	batch, columns := n.batch()
	switch run := n.run(); {
	case batch && columns:
		var f forwardMap
		if n.ReLU {
			f, _ = n.forward(mem, len(x), mean, variance, gamma, beta)
		}
		total := mem.Doubles(2 * groups)
		channels.Sums(total[:groups], total[groups:], x, dy, mean, f.a, f.b, n.Of.Outer, groups)
		for c := range groups {
			sums[c], sums[groups+c] = float32(total[c]), float32(total[groups+c]*rstd(variance[c], n.Eps))
		}
		return true
	case n.layered() && !n.ReLU:
		a, b := n.standard(mem.Floats(2*n.Of.Groups), mean, variance)
		total := mem.Doubles(2 * groups)
		channels.LayerSums(total[:groups], total[groups:], x, dy, a, b)
		round(sums, total)
		return true
	case run > 0:
		return n.sumRuns(mem, run, sums, x, mean, variance, gamma, beta, dy)
	}
	return false
}

// sumRuns serves gradients of gamma and beta that are sums over runs.
func (n *Norm) sumRuns(mem *channels.Memory, run int, sums, x, mean, variance, gamma, beta, dy []float32) bool {
	var f forwardMap
	if n.ReLU {
		f, _ = n.forward(mem, len(x), mean, variance, gamma, beta)
	}
	rows, groups := len(x)/run, n.Affine.Groups
	more := channels.Borrow()
	defer more.GiveBack()
	means := more.Floats(rows)
	for i := range means {
		means[i] = mean[n.Of.group(i*run)]
	}
	buf := mem.Doubles(2*rows + 2*groups)
	sum, dot, total := buf[:rows], buf[rows:2*rows], buf[2*rows:]
	channels.RowSums(sum, dot, x, dy, means, f.a, f.b, run)
	clear(total)
	for i, s := range sum {
		g, c := n.Of.group(i*run), n.Affine.group(i*run)
		total[c] += s
		total[groups+c] += dot[i] * rstd(variance[g], n.Eps)
	}
	round(sums, total)
	return true
}

func backward32(n Norm, dx, x, stats, gamma, beta, dy, sums []float32) bool {
	mean, variance := stats[:n.Of.Groups], stats[n.Of.Groups:]
	mem := channels.Borrow()
	defer mem.GiveBack()
	batch, _ := n.batch()
	run := n.run()
	switch {
	case batch && run > 0:
		return n.backwardBatch(mem, dx, x, mean, variance, gamma, beta, dy, sums)
	case n.ReLU || n.Constant || n.Of.Outer != 1:
		return false
	}
	buf := mem.Floats(n.Of.Groups + n.Affine.Groups)
	r, ones := buf[:n.Of.Groups], buf[n.Of.Groups:]
	for g := range r {
		r[g] = float32(rstd(variance[g], n.Eps))
	}
	if gamma == nil {
		fill(ones, 1)
		gamma = ones
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
func (n *Norm) backwardBatch(mem *channels.Memory, dx, x, mean, variance, gamma, beta, dy, sums []float32) bool {
	f, _ := n.forward(mem, len(x), mean, variance, gamma, beta)
	more := channels.Borrow()
	defer more.GiveBack()
	buf := more.Floats(2 * len(f.a))
	k := channels.Gradient{A: f.a, P: buf[:len(f.a)], Q: buf[len(f.a):]}
	if n.ReLU {
		k.B = f.b
	}
	count := float64(n.Of.Outer * n.Of.Inner)
	for i := range f.a {
		g := i
		if !f.columns {
			g = n.Of.group(i * f.n)
		}
		if n.Constant {
			k.P[i], k.Q[i] = 0, 0
			continue
		}
		r := rstd(variance[g], n.Eps)
		dot := float64(sums[n.Of.Groups+g]) / r
		k.P[i], k.Q[i] = channels.Coefficients(float64(sums[g]), dot, float64(mean[g]), r, float64(f.a[i]), count)
	}
	if f.columns {
		channels.Grad(dx, x, dy, k, n.Of.Outer, n.Of.Groups)
	} else {
		channels.RowGrad(dx, x, dy, k, f.n)
	}
	return true
}
