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
func gradient(z []float32, step int, dy []float32, w window, c int, zero []float32) {
	level := cpu.Get()
	if level == cpu.Go {
		gradientGo(z, step, dy, &w, c)
		return
	}
	for at := 0; at < c; at += callChannels {
		n := min(callChannels, c-at)
		_ = z[35*step+at+n-1]
		if level == cpu.AVX512 {
			gradient512(n, &dy[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &z[at], step)
		} else {
			gradient256(n, &dy[0], w.offset+at, w.row, w.pixel, w.rows, w.cols, &zero[0], &z[at], step)
		}
	}
}

// output works like [outputGo]; it reads m and bias up to the next multiple of
// lanes channels.
func output(y []float32, w window, m []float32, step int, bias []float32, low float32, c int) {
	level := cpu.Get()
	if level == cpu.Go {
		outputGo(y, &w, m, step, bias, low, c)
		return
	}
	for at := 0; at < c; at += callChannels {
		n := min(callChannels, c-at)
		_, _ = m[35*step+at+n-1], bias[at+n-1]
		if level == cpu.AVX512 {
			output512(n, &m[at], step, &bias[at], low, &y[w.offset+at], w.row, w.pixel, w.rows, w.cols)
		} else {
			output256(n, &m[at], step, &bias[at], low, &y[w.offset+at], w.row, w.pixel, w.rows, w.cols)
		}
	}
}

// filter works like [filterGo] for lanes rows.
func filter(n int, w []float32, rowStep, next int, u []float32, nextOut, step int, flipped bool) {
	_, _ = w[(n-1)*next+(lanes-1)*rowStep+8], u[(n-1)*nextOut+35*step+lanes-1]
	switch level := cpu.Get(); {
	case level == cpu.Go:
		filterGo(lanes, n, w, rowStep, next, u, nextOut, step, flipped)
	case level == cpu.AVX512 && flipped:
		filterFlipped512(n, &w[0], rowStep, next, &u[0], nextOut, step)
	case level == cpu.AVX512:
		filter512(n, &w[0], rowStep, next, &u[0], nextOut, step)
	default:
		for at := 0; at < lanes; at += 8 {
			if flipped {
				filterFlipped256(n, &w[at*rowStep], rowStep, next, &u[at], nextOut, step)
			} else {
				filter256(n, &w[at*rowStep], rowStep, next, &u[at], nextOut, step)
			}
		}
	}
}

// filterGradient works like [filterGradientGo] for lanes rows.
func filterGradient(n int, m []float32, next, step int, w []float32, rowStep, nextOut int) {
	_, _ = w[(n-1)*nextOut+(lanes-1)*rowStep+8], m[(n-1)*next+35*step+lanes-1]
	switch cpu.Get() {
	case cpu.AVX512:
		filterGradient512(n, &m[0], next, step, &w[0], rowStep, nextOut)
	case cpu.AVX2:
		for at := 0; at < lanes; at += 8 {
			filterGradient256(n, &m[at], next, step, &w[at*rowStep], rowStep, nextOut)
		}
	default:
		filterGradientGo(lanes, n, m, next, step, w, rowStep, nextOut)
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
