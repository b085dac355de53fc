package vec

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

// normal returns the number of element e after block first as the documentation says.
func (d *Draws) normal(first uint64, e int) float32 {
	return normalOf(philox.Block(philox.At(d.Step, first+uint64(e/8)), d.Key)[e%8/2] >> (e % 2 * 16) & 0xffff)
}

func testNormal(t *testing.T, d *Draws, first uint64, n, off int) {
	name := fmt.Sprintf("%+v from %d, %d elements", *d, first, n)
	x := mixed(n+off, 7)[off:]
	sum, product := make([]float32, n), make([]float32, n)
	for i := range x {
		scaled := float32(0.75 * d.normal(first, i))
		sum[i], product[i] = x[i]+scaled, x[i]*(1+scaled)
	}
	for op, want := range [][]float32{NormalAdd: sum, NormalMul: product} {
		name, op := fmt.Sprintf("op %d, %s", op, name), NormalOp(op)
		y, check := guarded(t, n, off)
		NormalApply(op, d, y, x, first, 0.75)
		compare(t, name, y, want, same)
		check(name)
		in := append([]float32{}, x...)
		NormalApply(op, d, in, in, first, 0.75)
		compare(t, name+", in place", in, want, same)
	}
}

func TestNormal(t *testing.T) {
	run := func(t *testing.T) {
		for i := range draws {
			for n := 0; n < 300; n += 1 + n/130*7 {
				testNormal(t, &draws[i].d, draws[i].first, n, n%5)
			}
			testNormal(t, &draws[i].d, draws[i].first, chunk+64+13, 1)
		}
	}
	inGo(func() { t.Run("go", run) })
	eachLevel(t, run)
}

func FuzzNormal(f *testing.F) {
	f.Add(uint32(1), uint32(2), uint64(3), uint64(1<<32-1), uint16(200), uint8(3))
	f.Fuzz(func(t *testing.T, k0, k1 uint32, step, first uint64, n uint16, off uint8) {
		d := &Draws{Key: philox.Key{k0, k1}, Step: step}
		eachLevel(t, func(t *testing.T) { testNormal(t, d, first, int(n%1024), int(off%8)) })
	})
}

// The numbers are the quantiles of a normal distribution but for a variance of
// exactly 1, to within what a cubic leaves; half of them are negative.
func TestNormalsAreQuantiles(t *testing.T) {
	var squares, fourth float64
	previous := float32(5)
	for half := uint32(1); half < 1<<16; half += 2 {
		z, other := normalOf(half), normalOf(half-1)
		if z != -other || other <= 0 && half < 65500 {
			t.Fatalf("half-words %d and %d give %v and %v", half-1, half, other, z)
		}
		quantile := math.Sqrt2 * math.Erfinv(1-float64(half)/(1<<16))
		if d := math.Abs(float64(other)/1.0000101 - quantile); d > 2e-4 {
			t.Fatalf("half-word %d gives %v, want nearly %v", half-1, other, quantile)
		}
		if other >= previous {
			t.Fatalf("half-word %d gives %v, and the one before %v", half-1, other, previous)
		}
		previous = other
		v := float64(z)
		squares += v * v
		fourth += v * v * v * v
	}
	if v := squares / (1 << 15); math.Abs(v-1) > 2e-10 {
		t.Errorf("the variance is %v, want 1", v)
	}
	if v := fourth / (1 << 15); math.Abs(v-3) > 0.001 {
		t.Errorf("the fourth moment is %v, want nearly 3", v)
	}
	if largest := normalOf(0); largest < 4.3 || largest > 4.4 {
		t.Errorf("the largest number is %v, want 4.32", largest)
	}
}

func BenchmarkNormal(b *testing.B) {
	x, y := make([]float32, 1<<16), make([]float32, 1<<16)
	d := &draws[4].d
	for name, f := range map[string]func(){
		"mask": func() { MaskApply(d, y, x, 0, 2) },
		"add":  func() { NormalApply(NormalAdd, d, y, x, 0, 2) },
		"mul":  func() { NormalApply(NormalMul, d, y, x, 0, 2) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(4 << 16)
			for b.Loop() {
				f()
			}
		})
	}
}
