package channels

// The loops over rows in Go, as those over columns.

// rowAffineGo computes y = (x-mean)·a + b, and the maximum of that and 0 if relu, with an
// a and a b for each row of n elements.
func rowAffineGo(y, x, mean, a, b []float32, n int, relu bool) {
	for r, a := range a {
		y, x, m, b := y[r*n:][:n], x[r*n:][:n], mean[r], b[r]
		for i, v := range x {
			v = float32((v-m)*a) + b
			if relu && v <= 0 {
				v = 0
			}
			y[i] = v
		}
	}
}

// rowGradGo computes dx = a·dy + (p·(x-mean) + q). With a b, dy counts as 0 where
// (x-mean)·a + b ≤ 0.
func rowGradGo(dx, x, dy, mean, a, p, q, b []float32, n int) {
	for r, a := range a {
		dx, x, dy, m, p, q := dx[r*n:][:n], x[r*n:][:n], dy[r*n:][:n], mean[r], p[r], q[r]
		for i, v := range x {
			d := dy[i]
			if b != nil && float32((v-m)*a)+b[r] <= 0 {
				d = 0
			}
			dx[i] = a*d + (p*(v-m) + q)
		}
	}
}

// rowSumsGo writes Σ dy and Σ dy·(x-mean) of each row. With a and b, dy counts as
// 0 where (x-mean)·a + b ≤ 0.
func rowSumsGo(sum, dot, x, dy, mean, a, b []float32, n int) {
	for r, mean := range mean {
		x, dy := x[r*n:][:n], dy[r*n:][:n]
		var s, t [4]float32
		for i, v := range x {
			if a != nil && float32((v-mean)*a[r])+b[r] <= 0 {
				continue
			}
			s[i%4] += dy[i]
			t[i%4] += dy[i] * (v - mean)
		}
		sum[r], dot[r] = (s[0]+s[1])+(s[2]+s[3]), (t[0]+t[1])+(t[2]+t[3])
	}
}

// rowMomentsGo writes the mean of each row, less the row's first element, and the
// sum of the squared deviations from the mean.
func rowMomentsGo(mean, m2, x []float32, n int) {
	for r := range mean {
		x := x[r*n:][:n]
		var s, q [4]float32
		for i, v := range x {
			s[i%4] += v - x[0]
		}
		m := ((s[0] + s[1]) + (s[2] + s[3])) / float32(n)
		for i, v := range x {
			d := v - x[0] - m
			q[i%4] += d * d
		}
		mean[r], m2[r] = m, (q[0]+q[1])+(q[2]+q[3])
	}
}

// layerAffineGo computes y = (x-mean)·a·gamma + beta, and the maximum of that and
// 0 if relu; mean and a belong to the rows, gamma and beta to the columns.
func layerAffineGo(y, x, mean, a, gamma, beta []float32, relu bool) {
	n := len(gamma)
	for r, a := range a {
		y, x, m := y[r*n:][:n], x[r*n:][:n], mean[r]
		for i, v := range x {
			v = (v-m)*a*gamma[i] + beta[i]
			if relu && v <= 0 {
				v = 0
			}
			y[i] = v
		}
	}
}

// layerSumsGo adds Σ dy and Σ dy·(x-mean)·a over rows to sum and dot; mean and a
// belong to the rows.
func layerSumsGo(sum, dot, x, dy, mean, a []float32) {
	n := len(sum)
	for r, a := range a {
		x, dy, m := x[r*n:][:n], dy[r*n:][:n], mean[r]
		for i, d := range dy {
			sum[i] += d
			dot[i] += d * ((x[i] - m) * a)
		}
	}
}

// layerDotsGo writes Σ h and Σ h·(x-mean) of each row, where h = dy·gamma.
func layerDotsGo(sum, dot, x, dy, gamma, mean []float32) {
	n := len(gamma)
	for r, mean := range mean {
		x, dy := x[r*n:][:n], dy[r*n:][:n]
		var s, t [4]float32
		for i, v := range x {
			h := dy[i] * gamma[i]
			s[i%4] += h
			t[i%4] += h * (v - mean)
		}
		sum[r], dot[r] = (s[0]+s[1])+(s[2]+s[3]), (t[0]+t[1])+(t[2]+t[3])
	}
}

// layerGradGo computes dx = a·gamma·dy + (p·(x-mean) + q); all but
// gamma belong to the rows.
func layerGradGo(dx, x, dy, gamma, mean, a, p, q []float32) {
	n := len(gamma)
	for r, a := range a {
		dx, x, dy, m, p, q := dx[r*n:][:n], x[r*n:][:n], dy[r*n:][:n], mean[r], p[r], q[r]
		for i, v := range x {
			dx[i] = a*gamma[i]*dy[i] + (p*(v-m) + q)
		}
	}
}
