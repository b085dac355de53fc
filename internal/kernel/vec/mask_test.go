package vec

import (
	"fmt"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

// kept reads the bits of element e after block first as the documentation of Draws
// says.
func (d *Draws) kept(first uint64, e int) bool {
	block := philox.Block(philox.At(d.Step, first+uint64(e/8)), d.Key)
	half := block[e%8/2]
	if e%2 == 1 {
		half >>= 16
	}
	return half&0xffff >= d.Threshold
}

// draws has counters that carry into their upper words, and both ends of the
// thresholds.
var draws = []struct {
	d     Draws
	first uint64
}{
	{Draws{philox.Key{1, 2}, 3, 1 << 15}, 0},
	{Draws{philox.Key{0xffffffff, 0x89abcdef}, 1<<63 + 5, 1}, 1<<32 - 3},
	{Draws{philox.KeyOf(1, "drop"), 1<<32 + 7, 65535}, 1 << 40},
	{Draws{philox.KeyOf(2, "drop"), 0, 6554}, 1<<64 - 11},
	{Draws{philox.KeyOf(3, "drop"), 9, 40000}, 12345},
}

func testMask(t *testing.T, d *Draws, first uint64, n, off int) {
	name := fmt.Sprintf("%+v from %d, %d elements", *d, first, n)
	x := mixed(n+off, 7)[off:]
	want := make([]float32, n)
	for i := range x {
		if d.kept(first, i) {
			want[i] = x[i] * 1.75
		}
	}
	y, check := guarded(t, n, off)
	MaskApply(d, y, x, first, 1.75)
	compare(t, name, y, want, same)
	check(name)
	in := append([]float32{}, x...)
	MaskApply(d, in, in, first, 1.75)
	compare(t, name+", in place", in, want, same)

	for i := range x {
		want[i] = -1.25
		if d.kept(first, i) {
			want[i] = float32(x[i]*1.75) + 0.3 - 1.25
		}
	}
	y, check = guarded(t, n, off)
	MaskShift(d, y, x, first, 1.75, 0.3, -1.25)
	compare(t, name+", shifted", y, want, same)
	check(name)
	copy(in, x)
	MaskShift(d, in, in, first, 1.75, 0.3, -1.25)
	compare(t, name+", shifted, in place", in, want, same)

	for i := range x {
		want[i] = 0
		if d.kept(first, i) {
			want[i] = x[i] * 1.75
		}
	}
	bits := make([]uint64, (n+63)/64)
	MaskBits(d, bits, first)
	for e := range 64 * len(bits) {
		if bits[e/64]>>(e%64)&1 == 1 != d.kept(first, e) {
			t.Fatalf("%s: bit %d is wrong", name, e)
		}
	}
	y, check = guarded(t, n, off)
	BitsApply(y, x, bits, 1.75)
	compare(t, name+", by bits", y, want, same)
	check(name)
	copy(in, x)
	BitsApply(in, in, bits, 1.75)
	compare(t, name+", by bits, in place", in, want, same)
}

func TestDrawWords(t *testing.T) {
	run := func(t *testing.T) {
		for _, d := range draws {
			for n := 0; n < 300; n += 4 * (1 + n/80) {
				words := make([]uint32, n+1)
				DrawWords(&d.d, words[:n], d.first)
				for e, w := range words[:n] {
					if want := philox.Block(philox.At(d.d.Step, d.first+uint64(e/4)), d.d.Key)[e%4]; w != want {
						t.Fatalf("%+v from %d, %d words: word %d is %x, want %x", d.d, d.first, n, e, w, want)
					}
				}
				if words[n] != 0 {
					t.Fatalf("%d words: wrote behind them", n)
				}
			}
		}
	}
	inGo(func() { t.Run("go", run) })
	eachLevel(t, run)
}

func TestMask(t *testing.T) {
	run := func(t *testing.T) {
		for i := range draws {
			for n := 0; n < 300; n += 1 + n/130*7 {
				testMask(t, &draws[i].d, draws[i].first, n, n%5)
			}
			testMask(t, &draws[i].d, draws[i].first, chunk+64+13, 1)
		}
	}
	inGo(func() { t.Run("go", run) })
	eachLevel(t, run)
}

func FuzzMask(f *testing.F) {
	f.Add(uint32(1), uint32(2), uint64(3), uint64(1<<32-1), uint16(30000), uint16(200), uint8(3))
	f.Fuzz(func(t *testing.T, k0, k1 uint32, step, first uint64, threshold, n uint16, off uint8) {
		d := &Draws{philox.Key{k0, k1}, step, max(1, uint32(threshold))}
		eachLevel(t, func(t *testing.T) { testMask(t, d, first, int(n%1024), int(off%8)) })
	})
}

func TestTransposeBits(t *testing.T) {
	var a [64]uint64
	MaskBits(&draws[0].d, a[:], 0)
	run := func(t *testing.T) {
		b := a
		TransposeBits(&b)
		for i := range 64 {
			for j := range 64 {
				if a[i]>>j&1 != b[j]>>i&1 {
					t.Fatalf("bit %d of word %d went astray", j, i)
				}
			}
		}
	}
	inGo(func() { t.Run("go", run) })
	eachLevel(t, run)
}
