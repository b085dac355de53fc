//go:build amd64 && !noasm

package winograd

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// input works like [inputGo]; it writes up to the next multiple of lanes
// channels. zero has as many zeros as 6 pixels have channels.
func input(v []float32, step int, x []float32, w window, c int, zero []float32) {
	level := cpu.Get()
	if level == cpu.Go {
		inputGo(v, step, x, &w, c)
		return
	}
	for at := 0; at < c; at += callChannels {
		n := min(callChannels, c-at)
		_ = v[35*step+at+n-1]
		if level == cpu.AVX512 {
			input512(n, &x[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &v[at], step)
		} else {
			input256(n, &x[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &v[at], step)
		}
	}
}

// gradient works like [gradientGo], with the remarks at [input].
func gradient(z []float32, step int, dy []float32, w window, c int, zero []float32, k int) {
	level := cpu.Get()
	if level == cpu.Go {
		gradientGo(z, step, dy, &w, c, k)
		return
	}
	for at := 0; at < c; at += callChannels {
		n := min(callChannels, c-at)
		_ = z[35*step+at+n-1]
		switch {
		case level == cpu.AVX512 && k == 3:
			gradient512k3(n, &dy[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &z[at], step)
		case level == cpu.AVX512:
			gradient512k5(n, &dy[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &z[at], step)
		case k == 3:
			gradient256k3(n, &dy[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &z[at], step)
		default:
			gradient256k5(n, &dy[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &z[at], step)
		}
	}
}

// output works like [outputGo]; it reads m and bias up to the next multiple of
// lanes channels.
func output(y []float32, w window, m []float32, step int, bias []float32, low float32, c, k int) {
	level := cpu.Get()
	if level == cpu.Go {
		outputGo(y, &w, m, step, bias, low, c, k)
		return
	}
	for at := 0; at < c; at += callChannels {
		n := min(callChannels, c-at)
		_, _ = m[35*step+at+n-1], bias[at+n-1]
		switch {
		case level == cpu.AVX512 && k == 3:
			output512k3(n, &m[at], step, &bias[at], low, &y[w.offset+at], w.row, w.pixel, w.rows, w.cols)
		case level == cpu.AVX512:
			output512k5(n, &m[at], step, &bias[at], low, &y[w.offset+at], w.row, w.pixel, w.rows, w.cols)
		case k == 3:
			output256k3(n, &m[at], step, &bias[at], low, &y[w.offset+at], w.row, w.pixel, w.rows, w.cols)
		default:
			output256k5(n, &m[at], step, &bias[at], low, &y[w.offset+at], w.row, w.pixel, w.rows, w.cols)
		}
	}
}

// filter works like [filterGo] for lanes rows.
func filter(n int, w []float32, rowStep, next int, u []float32, nextOut, step, k int, flipped bool) {
	_, _ = w[(n-1)*next+(lanes-1)*rowStep+k*k-1], u[(n-1)*nextOut+35*step+lanes-1]
	switch level := cpu.Get(); {
	case level == cpu.Go:
		filterGo(lanes, n, w, rowStep, next, u, nextOut, step, k, flipped)
	case level == cpu.AVX512 && k == 3 && flipped:
		filterFlipped512k3(n, &w[0], rowStep, next, &u[0], nextOut, step)
	case level == cpu.AVX512 && k == 3:
		filter512k3(n, &w[0], rowStep, next, &u[0], nextOut, step)
	case level == cpu.AVX512 && flipped:
		filterFlipped512k5(n, &w[0], rowStep, next, &u[0], nextOut, step)
	case level == cpu.AVX512:
		filter512k5(n, &w[0], rowStep, next, &u[0], nextOut, step)
	default:
		for at := 0; at < lanes; at += 8 {
			w, u := &w[at*rowStep], &u[at]
			switch {
			case k == 3 && flipped:
				filterFlipped256k3(n, w, rowStep, next, u, nextOut, step)
			case k == 3:
				filter256k3(n, w, rowStep, next, u, nextOut, step)
			case flipped:
				filterFlipped256k5(n, w, rowStep, next, u, nextOut, step)
			default:
				filter256k5(n, w, rowStep, next, u, nextOut, step)
			}
		}
	}
}

// filterGradient works like [filterGradientGo] for lanes rows.
func filterGradient(n int, m []float32, next, step int, w []float32, rowStep, nextOut, k int) {
	_, _ = w[(n-1)*nextOut+(lanes-1)*rowStep+k*k-1], m[(n-1)*next+35*step+lanes-1]
	switch level := cpu.Get(); {
	case level == cpu.Go:
		filterGradientGo(lanes, n, m, next, step, w, rowStep, nextOut, k)
	case level == cpu.AVX512 && k == 3:
		filterGradient512k3(n, &m[0], next, step, &w[0], rowStep, nextOut)
	case level == cpu.AVX512:
		filterGradient512k5(n, &m[0], next, step, &w[0], rowStep, nextOut)
	default:
		for at := 0; at < lanes; at += 8 {
			if k == 3 {
				filterGradient256k3(n, &m[at], next, step, &w[at*rowStep], rowStep, nextOut)
			} else {
				filterGradient256k5(n, &m[at], next, step, &w[at*rowStep], rowStep, nextOut)
			}
		}
	}
}

// add adds src to dst. Their length is a multiple of lanes.
func add(dst, src []float32) {
	src = src[:len(dst)]
	switch cpu.Get() {
	case cpu.AVX512:
		add512(len(dst), &dst[0], &src[0])
	case cpu.AVX2:
		add256(len(dst), &dst[0], &src[0])
	default:
		addGo(dst, src)
	}
}

// fetch asks for x to be brought near.
func fetch(x []float32) {
	if cpu.Get() != cpu.Go {
		fetchLines(up(len(x), lanes), &x[0])
	}
}
