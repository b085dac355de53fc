package channels

// The loops over columns in Go: what the assembly is tested against, and what
// other machines run. Products are rounded by a conversion, as a compiler may
// otherwise fuse them with the sum in one place and not in another.

// columnAffineGo computes y = (x-mean)·a + b, and the maximum of that and 0 if relu, for
// rows of n = len(a) columns.
func columnAffineGo(y, x, mean, a, b []float32, rows int, relu bool) {
	n := len(a)
	for e := 0; e < rows*n; e += n {
		y, x := y[e:][:n], x[e:][:n]
		for c, v := range x {
			v = float32((v-mean[c])*a[c]) + b[c]
			if relu && v <= 0 {
				v = 0
			}
			y[c] = v
		}
	}
}

// columnGradGo computes dx = a·dy + (p·(x-mean) + q). With a b, dy counts as 0 where
// (x-mean)·a + b ≤ 0.
func columnGradGo(dx, x, dy, mean, a, p, q, b []float32, rows int) {
	n := len(a)
	for e := 0; e < rows*n; e += n {
		dx, x, dy := dx[e:][:n], x[e:][:n], dy[e:][:n]
		for c, v := range x {
			d := dy[c]
			if b != nil && float32((v-mean[c])*a[c])+b[c] <= 0 {
				d = 0
			}
			dx[c] = a[c]*d + (p[c]*(v-mean[c]) + q[c])
		}
	}
}

// columnSumsGo adds Σ dy and Σ dy·(x-mean) over rows to sum and dot. With a and b,
// dy counts as 0 where (x-mean)·a + b ≤ 0.
func columnSumsGo(sum, dot, x, dy, mean, a, b []float32, rows int) {
	n := len(mean)
	for e := 0; e < rows*n; e += n {
		x, dy := x[e:][:n], dy[e:][:n]
		for c, v := range x {
			if a != nil && float32((v-mean[c])*a[c])+b[c] <= 0 {
				continue
			}
			sum[c] += dy[c]
			dot[c] += dy[c] * (v - mean[c])
		}
	}
}

// columnMomentsGo takes rows into the mean of x-shift and the sum of the squared
// deviations from it, of count rows so far.
//
// The update is that of Chan, Golub, LeVeque, Updating Formulae and a Pairwise
// Algorithm for Computing Sample Variances, 1979; the assembly merges eight rows
// at a time.
func columnMomentsGo(mean, m2, x, shift []float32, rows, count int) {
	n := len(mean)
	for e := 0; e < rows*n; e += n {
		count++
		w := 1 / float32(count)
		for c, v := range x[e:][:n] {
			v -= shift[c]
			d := v - mean[c]
			mean[c] += d * w
			m2[c] += d * (v - mean[c])
		}
	}
}
