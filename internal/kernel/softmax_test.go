package kernel

import (
	"fmt"
	"math"
	"testing"
)

// softmaxShapes has lines that are contiguous and bundles narrower and wider
// than a strip, in one chunk and in several.
var softmaxShapes = [][3]int{{3, 7, 1}, {2, 5, 3}, {2, 4, 100}, {1, 1, 2}, {900, 50, 1}, {30, 10, 130}}

// eachOfLines calls f with the positions of each line along the middle axis.
func eachOfLines(s [3]int, f func(line []int)) {
	for o := range s[0] {
		for i := range s[2] {
			line := make([]int, s[1])
			for j := range line {
				line[j] = (o*s[1]+j)*s[2] + i
			}
			f(line)
		}
	}
}

// softmaxReference is the definition, which large inputs overflow.
func softmaxReference[T Float](x []T, s [3]int) (y, logs []float64) {
	y, logs = make([]float64, len(x)), make([]float64, len(x))
	eachOfLines(s, func(line []int) {
		var sum float64
		for _, e := range line {
			sum += math.Exp(float64(x[e]))
		}
		for _, e := range line {
			y[e] = math.Exp(float64(x[e])) / sum
			logs[e] = float64(x[e]) - math.Log(sum)
		}
	})
	return y, logs
}

func testSoftmax[T Float](t *testing.T) {
	for _, s := range softmaxShapes {
		x := scaled(normal[T](s[0]*s[1]*s[2], "x"), 3, 0)
		y, logs := make([]T, len(x)), make([]T, len(x))
		Softmax(y, x, s[0], s[1], s[2])
		LogSoftmax(logs, x, s[0], s[1], s[2])
		want, wantLogs := softmaxReference(x, s)
		near(t, fmt.Sprint("Softmax ", s), y, want, rounding[T]())
		near(t, fmt.Sprint("LogSoftmax ", s), logs, wantLogs, rounding[T]())

		copy(y, x)
		Softmax(y, y, s[0], s[1], s[2])
		near(t, fmt.Sprint("Softmax in place ", s), y, want, rounding[T]())
		copy(y, x)
		LogSoftmax(y, y, s[0], s[1], s[2])
		near(t, fmt.Sprint("LogSoftmax in place ", s), y, wantLogs, rounding[T]())
	}
}

func TestSoftmax(t *testing.T) {
	testSoftmax[float32](t)
	testSoftmax[float64](t)
}

func TestSoftmaxExtremes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	third := math.Log(1. / 3)
	for _, c := range []struct {
		name             string
		x, want, wantLog []float64
	}{
		{"large", []float64{1e30, 1e30, 1e30}, []float64{1. / 3, 1. / 3, 1. / 3}, []float64{third, third, third}},
		{"small", []float64{-1e4, -1e4, -1e4}, []float64{1. / 3, 1. / 3, 1. / 3}, []float64{third, third, third}},
		{"far apart", []float64{-1e4, 0, -1e4}, []float64{0, 1, 0}, []float64{-1e4, 0, -1e4}},
		{"-Inf among others", []float64{-inf, 5, 5}, []float64{0, 0.5, 0.5}, []float64{-inf, -math.Ln2, -math.Ln2}},
		{"all -Inf", []float64{-inf, -inf, -inf}, []float64{nan, nan, nan}, []float64{nan, nan, nan}},
		{"+Inf", []float64{0, inf, 0}, nil, nil},
		{"NaN", []float64{0, nan, 0}, []float64{nan, nan, nan}, []float64{nan, nan, nan}},
	} {
		for _, inner := range []int{1, 2} {
			x := make([]float32, 3*inner)
			for i := range x {
				x[i] = float32(c.x[i/inner])
			}
			y, logs := make([]float32, len(x)), make([]float32, len(x))
			Softmax(y, x, 1, 3, inner)
			LogSoftmax(logs, x, 1, 3, inner)
			name := fmt.Sprintf("%s, inner %d", c.name, inner)
			if c.want == nil { // Inf-Inf is somewhere on the line
				if y[inner] == y[inner] || logs[inner] == logs[inner] {
					t.Errorf("%s: got %v and %v, want NaN at the infinity", name, y, logs)
				}
				continue
			}
			for i := range x {
				near(t, name, y[i:i+1], c.want[i/inner:][:1], rounding[float32]())
				near(t, name+", log", logs[i:i+1], c.wantLog[i/inner:][:1], rounding[float32]())
			}
		}
	}
}

func TestSoftmaxGradients(t *testing.T) {
	for _, s := range softmaxShapes[:4] {
		n := s[0] * s[1] * s[2]
		x, dy := normal[float64](n, "x"), normal[float64](n, "dy")
		y, dx := make([]float64, n), make([]float64, n)

		loss := func() float64 { Softmax(y, x, s[0], s[1], s[2]); return dot(y, dy) }
		loss()
		SoftmaxBackward(dx, y, dy, s[0], s[1], s[2])
		differences(t, fmt.Sprint("SoftmaxBackward ", s), x, dx, loss)

		loss = func() float64 { LogSoftmax(y, x, s[0], s[1], s[2]); return dot(y, dy) }
		loss()
		LogSoftmaxBackward(dx, y, dy, s[0], s[1], s[2])
		differences(t, fmt.Sprint("LogSoftmaxBackward ", s), x, dx, loss)
	}
}

// float32 takes another exponential than float64.
func TestSoftmaxGradientsFloat32(t *testing.T) {
	for _, s := range softmaxShapes {
		n := s[0] * s[1] * s[2]
		y, dy, dx := normal[float32](n, "x"), normal[float32](n, "dy"), make([]float32, n)
		dot, sum := make([]float64, n), make([]float64, n)
		eachOfLines(s, func(line []int) {
			var d, u float64
			for _, e := range line {
				d += float64(y[e]) * float64(dy[e])
				u += float64(dy[e])
			}
			for _, e := range line {
				dot[e] = float64(y[e]) * (float64(dy[e]) - d)
				sum[e] = float64(dy[e]) - math.Exp(float64(y[e]))*u
			}
		})
		SoftmaxBackward(dx, y, dy, s[0], s[1], s[2])
		near(t, fmt.Sprint("SoftmaxBackward ", s), dx, dot, rounding[float32]())
		LogSoftmaxBackward(dx, y, dy, s[0], s[1], s[2])
		near(t, fmt.Sprint("LogSoftmaxBackward ", s), dx, sum, rounding[float32]())
	}
}

func TestSoftmaxIsTheSameOnAnyCPUs(t *testing.T) {
	for _, s := range softmaxShapes[4:] {
		n := s[0] * s[1] * s[2]
		x, dy := normal[float32](n, "x"), normal[float32](n, "dy")
		sameBits(t, fmt.Sprint(s), func() []float32 {
			y, logs, dx := make([]float32, n), make([]float32, n), make([]float32, n)
			Softmax(y, x, s[0], s[1], s[2])
			LogSoftmax(logs, x, s[0], s[1], s[2])
			SoftmaxBackward(dx, y, dy, s[0], s[1], s[2])
			return append(append(y, logs...), dx...)
		})
	}
}
