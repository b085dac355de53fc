package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

// dropConnectFactors are the k[r,o,i], from the documentation: those of the in
// weights of a unit, and then of its bias.
func dropConnectFactors(m Mask, rows, out, in int) []float64 {
	k, stride := make([]float64, 0, rows*out*(in+1)), (in+8)/8*8
	for unit := range rows * out {
		for i := range in + 1 {
			v := 0.0
			if keeps(m, unit*stride+i) {
				v = m.Scale
			}
			k = append(k, v)
		}
	}
	return k
}

func testDropConnect[T Float](t *testing.T, m Mask, rows, out, in int) {
	name := fmt.Sprintf("threshold %d, (%d, %d, %d)", m.Threshold, rows, out, in)
	x, w, bias, dy := normal[T](rows*in, "x"), normal[T](out*in, "w"), normal[T](out, "bias"), normal[T](rows*out, "dy")
	y, dx, dw, db := make([]float64, rows*out), make([]float64, rows*in), make([]float64, out*in), make([]float64, out)
	for e, k := range dropConnectFactors(m, rows, out, in) {
		r, o, i := e/(in+1)/out, e/(in+1)%out, e%(in+1)
		if i == in {
			y[r*out+o] += k * float64(bias[o])
			db[o] += k * float64(dy[r*out+o])
			continue
		}
		y[r*out+o] += k * float64(w[o*in+i]) * float64(x[r*in+i])
		dx[r*in+i] += k * float64(w[o*in+i]) * float64(dy[r*out+o])
		dw[o*in+i] += k * float64(x[r*in+i]) * float64(dy[r*out+o])
	}
	got := func(n int) []T { return scaled(make([]T, n), 0, math.NaN()) }
	gotY, gotX, gotW, gotB := got(len(y)), got(len(dx)), got(len(dw)), got(len(db))
	DropConnect(m, gotY, x, w, bias, rows, out, in)
	DropConnectGradX(m, gotX, dy, w, rows, out, in)
	DropConnectGradW(m, gotW, dy, x, rows, out, in)
	DropConnectGradB(m, gotB, dy, rows, out, in)
	// Errors of sums of up to 100 terms, of which few are larger than 10.
	near(t, name+": y", gotY, y, 50*rounding[T]())
	near(t, name+": dx", gotX, dx, 50*rounding[T]())
	near(t, name+": dw", gotW, dw, 50*rounding[T]())
	near(t, name+": db", gotB, db, 50*rounding[T]())
}

func TestDropConnect(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, size := range [][3]int{{1, 1, 1}, {2, 3, 7}, {3, 2, 8}, {4, 5, 9}, {7, 6, 63}, {2, 3, 64}, {5, 4, 65}, {1, 40, 100}, {40, 2, 17}, {0, 2, 3}} {
			for _, p := range []float64{0, 0.3, 0.5, 1} {
				m := NewMask(philox.KeyOf(1, "fc"), 3, p)
				testDropConnect[float32](t, m, size[0], size[1], size[2])
				testDropConnect[float64](t, m, size[0], size[1], size[2])
				if p > 0 && p < 1 {
					m.Scale = 0.75
					testDropConnect[float32](t, m, size[0], size[1], size[2])
				}
			}
		}
	})
}

func FuzzDropConnect(f *testing.F) {
	f.Add(uint64(1), uint64(2), 0.5, uint8(3), uint8(4), uint8(20))
	f.Fuzz(func(t *testing.T, key, step uint64, p float64, rows, out, in uint8) {
		if !(p >= 0 && p <= 1) {
			return
		}
		m := NewMask(philox.Key{uint32(key), uint32(key >> 32)}, step, p)
		if m.Scale > 100 {
			m.Scale = 1 // one of so large numbers would have a large error
		}
		testDropConnect[float32](t, m, int(rows%9), int(out%9), 1+int(in%100))
		testDropConnect[float64](t, m, int(rows%9), int(out%9), 1+int(in%100))
	})
}

// A dropped weight does not matter, whatever it is.
func TestDropConnectDropsNaN(t *testing.T) {
	const rows, out, in = 3, 4, 20
	m := NewMask(philox.KeyOf(1, "fc"), 0, 0.5)
	k := dropConnectFactors(m, rows, out, in)
	for i := range in {
		w := scaled(make([]float32, out*in), 0, 1)
		w[i] = float32(math.NaN())
		y := make([]float32, rows*out)
		DropConnect(m, y, scaled(make([]float32, rows*in), 0, 1), w, nil, rows, out, in)
		for r := range rows {
			if got, want := math.IsNaN(float64(y[r*out])), k[r*out*(in+1)+i] != 0; got != want {
				t.Errorf("weight %d of unit 0 is NaN: y of row %d is %v, its factor %v", i, r, y[r*out], k[r*out*(in+1)+i])
			}
		}
	}
}

func TestDropConnectIsTheSameOnAnyCPUs(t *testing.T) {
	const rows, out, in = 50, 120, 130
	m := NewMask(philox.KeyOf(1, "fc"), 0, 0.5)
	x, w, dy := normal[float32](rows*in, "x"), normal[float32](out*in, "w"), normal[float32](rows*out, "dy")
	sameBits(t, "DropConnect", func() []float32 {
		y := make([]float32, rows*out)
		DropConnect(m, y, x, w, nil, rows, out, in)
		return y
	})
	sameBits(t, "DropConnectGradX", func() []float32 {
		dx := make([]float32, rows*in)
		DropConnectGradX(m, dx, dy, w, rows, out, in)
		return dx
	})
	sameBits(t, "DropConnectGradW", func() []float32 {
		dw := make([]float32, out*in)
		DropConnectGradW(m, dw, dy, x, rows, out, in)
		return dw
	})
}

func BenchmarkDropConnect(b *testing.B) {
	const rows, out, in = 20, 800, 800
	m := NewMask(philox.KeyOf(1, "fc"), 0, 0.5)
	x, w, dy := normal[float32](rows*in, "x"), normal[float32](out*in, "w"), normal[float32](rows*out, "dy")
	y, dx, dw := make([]float32, rows*out), make([]float32, rows*in), make([]float32, out*in)
	for _, f := range []struct {
		name string
		f    func()
	}{
		{"forward", func() { DropConnect(m, y, x, w, nil, rows, out, in) }},
		{"gradX", func() { DropConnectGradX(m, dx, dy, w, rows, out, in) }},
		{"gradW", func() { DropConnectGradW(m, dw, dy, x, rows, out, in) }},
		{"linear", func() { Linear(y, x, w, nil, rows, out, in, false) }},
	} {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				f.f()
			}
		})
	}
}
