package depthwise

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// fence is how many NaNs lie around every operand, which no loop may use or write
// over.
const fence = 37

// fenced returns n random numbers between fences.
func fenced(r *rand.Rand, n int) []float32 {
	s := make([]float32, n+2*fence)
	for i := range s {
		s[i] = float32(math.NaN())
	}
	for i := range n {
		s[fence+i] = float32(r.NormFloat64())
	}
	return s
}

func start(s []float32) unsafe.Pointer { return unsafe.Pointer(&s[fence]) }

// a line of points with taps in a source of the same number of channels.
type line struct{ channels, points, taps, stride, tapStep int }

// operands returns a line's operands: x, w, y and bias.
func (l line) operands(seed uint64) (x, w, y, bias []float32, taps []Tap) {
	r := rand.New(rand.NewPCG(seed, 1))
	x = fenced(r, l.channels*((l.points-1)*l.stride+l.taps*l.tapStep+1))
	for t := range l.taps {
		taps = append(taps, Tap{X: 4 * l.channels * t * l.tapStep, W: 4 * l.channels * (l.taps - 1 - t)})
	}
	return x, fenced(r, l.channels*max(1, l.taps)), fenced(r, l.channels*l.points), fenced(r, l.channels), taps
}

func (l line) args(x, w, y, bias []float32, taps []Tap, relu bool) Args {
	a := Args{
		X: start(x), W: start(w), Y: start(y), Taps: unsafe.Pointer(unsafe.SliceData(taps)), Count: len(taps),
		Points: l.points, XStep: 4 * l.channels * l.stride, YStep: 4 * l.channels, Channels: l.channels, ReLU: relu,
	}
	if bias != nil {
		a.Bias = start(bias)
	}
	return a
}

// check compares a level with Go. The order of the sums is the same; Go rounds the
// products first, hence a rounding of each.
func check(t *testing.T, l line) {
	t.Helper()
	for _, relu := range []bool{false, true} {
		x, w, got, bias, taps := l.operands(1)
		_, _, want, _, _ := l.operands(1)
		if !relu {
			bias = nil
		}
		a, b := l.args(x, w, got, bias, taps, relu), l.args(x, w, want, bias, taps, relu)
		Sums(&a)
		sumsGo(&b)
		compare(t, l, "sums", got, want)
	}
	x, got, y, _, taps := l.operands(2)
	_, want, _, _, _ := l.operands(2)
	a, b := l.args(x, got, y, nil, taps, false), l.args(x, want, y, nil, taps, false)
	Gradients(&a)
	gradientsGo(&b)
	compare(t, l, "gradients", got, want)
}

func compare(t *testing.T, l line, name string, got, want []float32) {
	t.Helper()
	tolerance := float64(l.taps+l.points) * 4 / (1 << 23)
	for i, v := range want {
		g := got[i]
		if v != v && g != g {
			continue
		}
		if d := float64(g - v); !(math.Abs(d) <= tolerance) {
			t.Fatalf("%+v: %s: number %d is %v, want %v ± %.1g", l, name, i-fence, g, v, tolerance)
		}
	}
}

func TestLine(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, channels := range []int{1, 7, 8, 9, 15, 16, 17, 31, 32, 50} {
			for points := 1; points <= 19; points++ {
				for _, taps := range []int{0, 1, 2, 8, 9, 10, 25} {
					check(t, line{channels, points, taps, 1 + points%2, 1 + taps%2})
				}
			}
		}
	})
}

// TestReLUKeepsNaN: so do all others.
func TestReLUKeepsNaN(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		l := line{16, 3, 1, 1, 1}
		x, w, y, _, taps := l.operands(1)
		x[fence+16] = float32(math.NaN())
		a := l.args(x, w, y, nil, taps, true)
		Sums(&a)
		if v := y[fence+16]; v == v {
			t.Errorf("max(NaN, 0) is %v, want NaN", v)
		}
	})
}

func FuzzLine(f *testing.F) {
	f.Add(uint8(17), uint8(9), uint8(9), uint8(1), uint8(1))
	f.Add(uint8(3), uint8(30), uint8(20), uint8(2), uint8(3))
	f.Fuzz(func(t *testing.T, channels, points, taps, stride, tapStep uint8) {
		kerneltest.EachLevel(t, func(t *testing.T) {
			check(t, line{1 + int(channels%70), 1 + int(points%40), int(taps % 30), 1 + int(stride%3), 1 + int(tapStep%3)})
		})
	})
}
