//go:build !amd64 || noasm

package channels

func rankTaps(taps, []float32, []float32, *[16]float32, int) bool { return false }

func rankTapsGrad(taps, []float32, []float32, []float32, *[16]float32) bool { return false }

func drawTaps(t taps, y, x []float32, words []uint32) {
	for p := range t.points {
		drawSome(t, y, x, words, p, 0, t.n)
	}
}

func drawTapsGrad(t taps, dx, x, dy []float32, words []uint32) {
	for p := range t.points {
		drawSomeGrad(t, dx, x, dy, words, p, 0, t.n)
	}
}

func ownTaps(t taps, y, x []float32) {
	for p := range t.points {
		ownSome(t, y, x, p, 0, t.n)
	}
}

func ownTapsGrad(t taps, dx, x, dy []float32) {
	for p := range t.points {
		ownSomeGrad(t, dx, x, dy, p, 0, t.n)
	}
}
