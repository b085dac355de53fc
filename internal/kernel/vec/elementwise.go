package vec

// The Go versions of the element-wise loops. Their slices have equal lengths.

func addGo[T Float](y, a, b []T) {
	a, b = a[:len(y)], b[:len(y)]
	for i, v := range a {
		y[i] = v + b[i]
	}
}

func subGo[T Float](y, a, b []T) {
	a, b = a[:len(y)], b[:len(y)]
	for i, v := range a {
		y[i] = v - b[i]
	}
}

func mulGo[T Float](y, a, b []T) {
	a, b = a[:len(y)], b[:len(y)]
	for i, v := range a {
		y[i] = v * b[i]
	}
}

func divGo[T Float](y, a, b []T) {
	a, b = a[:len(y)], b[:len(y)]
	for i, v := range a {
		y[i] = v / b[i]
	}
}

func add3Go[T Float](y, a, b, c []T) {
	a, b, c = a[:len(y)], b[:len(y)], c[:len(y)]
	for i, v := range a {
		y[i] = v + b[i] + c[i]
	}
}

func add4Go[T Float](y, a, b, c, d []T) {
	a, b, c, d = a[:len(y)], b[:len(y)], c[:len(y)], d[:len(y)]
	for i, v := range a {
		y[i] = v + b[i] + c[i] + d[i]
	}
}

func addScalarGo[T Float](y, x []T, a T) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = v + a
	}
}

func mulScalarGo[T Float](y, x []T, a T) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = v * a
	}
}

func reluGo[T Float](y, x []T) { reluGradGo(y, x, x) }

func reluGradGo[T Float](dx, y, dy []T) {
	y, dy = y[:len(dx)], dy[:len(dx)]
	for i, v := range y {
		dx[i] = zeroIf(dy[i], v <= 0)
	}
}

func leakyGradGo[T Float](dx, x, dy []T, slope T) {
	x, dy = x[:len(dx)], dy[:len(dx)]
	factor := [2]T{slope, 1} // looked up, as a branch would be mispredicted
	for i, v := range x {
		b := 0
		if v > 0 {
			b = 1
		}
		dx[i] = dy[i] * factor[b]
	}
}

func mulCellsGo[T Float](y, x, k []T) {
	x, k = x[:len(y)], k[:len(y)]
	for i, v := range x {
		y[i] = zeroIf(v*k[i], k[i] == 0)
	}
}

func squaredErrorGo[T Float](y, x, t []T) {
	x, t = x[:len(y)], t[:len(y)]
	for i, v := range x {
		d := v - t[i]
		y[i] = d * d
	}
}

func squaredErrorGradGo[T Float](dx, x, t, dy []T) {
	x, t, dy = x[:len(dx)], t[:len(dx)], dy[:len(dx)]
	for i, v := range x {
		dx[i] = 2 * (v - t[i]) * dy[i]
	}
}

func absErrorGo[T Float](y, x, t []T) {
	x, t = x[:len(y)], t[:len(y)]
	for i, v := range x {
		d := v - t[i]
		y[i] = max(d, -d)
	}
}

func absErrorGradGo[T Float](dx, x, t, dy []T) {
	x, t, dy = x[:len(dx)], t[:len(dx)], dy[:len(dx)]
	for i, v := range x {
		sign := 0
		if v > t[i] {
			sign = 1
		}
		if v < t[i] {
			sign = -1
		}
		dx[i] = T(sign) * dy[i]
	}
}

func huberGo[T Float](y, x, t []T, delta T) {
	x, t = x[:len(y)], t[:len(y)]
	for i, v := range x {
		d := max(v-t[i], t[i]-v)
		near := min(d, delta)
		y[i] = near * (d - near/2)
	}
}

func huberGradGo[T Float](dx, x, t, dy []T, delta T) {
	x, t, dy = x[:len(dx)], t[:len(dx)], dy[:len(dx)]
	for i, v := range x {
		dx[i] = max(min(v-t[i], delta), -delta) * dy[i]
	}
}

func signScaleGo[T Float](y, x []T, a T) {
	x = x[:len(y)]
	for i, v := range x {
		switch {
		case v > 0:
			y[i] = a
		case v < 0:
			y[i] = -a
		default:
			y[i] = 0
		}
	}
}
