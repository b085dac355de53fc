package vec

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

// normalOf returns the number of a half-word for a standard deviation of 1.
func normalOf(half uint32) float32 {
	n := NewNormals[float32](philox.Key{}, 0, 1)
	return n.of(half)
}

func testNormal(t *testing.T, d *Draws, first uint64, rows, off int) {
	n := NewNormals[float32](d.Key, d.Step, 0.75)
	name := fmt.Sprintf("%+v from %d, %d elements", *d, first, rows)
	x := mixed(rows+off, 7)[off:]
	sum, product := make([]float32, rows), make([]float32, rows)
	for i := range x {
		block := philox.Short(philox.At(d.Step, first+uint64(i/8)), d.Key)
		z := n.of(block[i%8/2] >> (i % 2 * 16))
		sum[i], product[i] = x[i]+z, fused(x[i], z, x[i])
	}
	for op, want := range [][]float32{NormalAdd: sum, NormalMul: product} {
		name, op := fmt.Sprintf("op %d, %s", op, name), NormalOp(op)
		y, check := guarded(t, rows, off)
		NormalApply(op, &n, y, x, first)
		compare(t, name, y, want, same)
		check(name)
		in := append([]float32{}, x...)
		NormalApply(op, &n, in, in, first)
		compare(t, name+", in place", in, want, same)
	}
	words := make([]uint32, (rows+7)/8*4)
	n.Words(words, first)
	for i, w := range words {
		if want := philox.Short(philox.At(d.Step, first+uint64(i/4)), d.Key)[i%4]; w != want {
			t.Fatalf("%s: word %d is %08x, want %08x", name, i, w, want)
		}
	}
}

func testNormalPairs(t *testing.T, pairs, cols, off int) {
	n := NewNormals[float32](philox.Key{1, 2}, 3, 0.75)
	words := make([]uint32, (pairs*cols+3)/4*4)
	n.Words(words, 5)
	x := mixed(2*pairs*cols+off, 3)[off:]
	for _, op := range []NormalOp{NormalAdd, NormalMul} {
		name := fmt.Sprintf("op %d, %d pairs of %d", op, pairs, cols)
		want := make([]float32, len(x))
		for e, v := range x {
			row, col := e/cols, e%cols
			want[e] = normalCombine(op, v, n.of(words[row/2*cols+col]>>(row%2*16)))
		}
		y, check := guarded(t, len(x), off)
		NormalPairs(op, &n, y, x, words, pairs, cols)
		compare(t, name, y, want, same)
		check(name)
		in := append([]float32{}, x...)
		NormalPairs(op, &n, in, in, words, pairs, cols)
		compare(t, name+", in place", in, want, same)
	}
}

func TestNormalPairs(t *testing.T) {
	run := func(t *testing.T) {
		for cols := 0; cols < 70; cols++ {
			testNormalPairs(t, cols%4, cols, cols%5)
		}
		testNormalPairs(t, 3, chunk/2+5, 1)
		testNormalPairs(t, chunk/16+3, 20, 1)
	}
	inGo(func() { t.Run("go", run) })
	eachLevel(t, run)
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
// exactly 1, to within what a quadratic leaves; half of them are negative.
func TestNormalsAreQuantiles(t *testing.T) {
	var squares, fourth float64
	previous := float32(5)
	for half := uint32(1); half < 1<<16; half += 2 {
		z, other := normalOf(half), normalOf(half-1)
		if z != -other || other <= 0 && half < 65500 {
			t.Fatalf("half-words %d and %d give %v and %v", half-1, half, other, z)
		}
		quantile := math.Sqrt2 * math.Erfinv(1-float64(half)/(1<<16))
		if d := math.Abs(float64(other)/1.0000101 - quantile); d > 3.6e-4 {
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
	if v := squares / (1 << 15); math.Abs(v-1) > 1e-10 {
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
	n := NewNormals[float32](d.Key, d.Step, 2)
	for name, f := range map[string]func(){
		"mask": func() { MaskApply(d, y, x, 0, 2) },
		"add":  func() { NormalApply(NormalAdd, &n, y, x, 0) },
		"mul":  func() { NormalApply(NormalMul, &n, y, x, 0) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(4 << 16)
			for b.Loop() {
				f()
			}
		})
	}
}
