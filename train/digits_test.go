package train

import (
	"bytes"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

func digits(t *testing.T, n int, seed uint64) *pixels {
	t.Helper()
	p, ok := Digits(n, seed).(*pixels)
	if !ok {
		_, _, err := Digits(n, seed).Batch([]int{0})
		t.Fatal(err)
	}
	return p
}

func TestDigitsAreBalanced(t *testing.T) {
	p := digits(t, 1000, 1)
	var firsts [10]int
	for block := range slices.Chunk(p.labels, 10) {
		firsts[block[0]]++
		sorted := slices.Sorted(slices.Values(block))
		if want := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(sorted, want) {
			t.Fatalf("ten labels are %v, want each digit once", block)
		}
	}
	for d, n := range firsts {
		if n == 0 {
			t.Errorf("no block of 100 starts with %d, want all orders to occur", d) // chance 3e-5 each
		}
	}
}

func TestDigitsAreAFunctionOfSeedAndIndex(t *testing.T) {
	long := digits(t, 300, 7)
	old := pool.Threads()
	pool.SetThreads(1)
	short := digits(t, 95, 7)
	pool.SetThreads(old)
	if !bytes.Equal(short.data, long.data[:len(short.data)]) || !bytes.Equal(short.labels, long.labels[:95]) {
		t.Error("Digits(95, 7) on one thread differs from the first of Digits(300, 7) on all")
	}
	if other := digits(t, 300, 8); bytes.Equal(other.labels, long.labels) || bytes.Equal(other.data, long.data) {
		t.Error("seeds 7 and 8 give the same digits")
	}
	for _, n := range []int{0, -1} {
		if got := Digits(n, 1).Len(); got != 0 {
			t.Errorf("Digits(%d, 1).Len() = %d, want 0", n, got)
		}
	}
}

// Each image shows a stroke on black, with its weight near the middle.
func TestDigitsLookLikeDigits(t *testing.T) {
	p := digits(t, 500, 2)
	const size = digitSide * digitSide
	for i := range p.Len() {
		img := p.data[i*size:][:size]
		var ink, x, y float64
		for k, v := range img {
			if v > 80 {
				ink += float64(v)
				x += float64(v) * float64(k%digitSide)
				y += float64(v) * float64(k/digitSide)
			}
		}
		if mean := ink / 255 / size; mean < 0.01 || mean > 0.35 {
			t.Errorf("image %d of a %d is %.1f %% ink, want 1 to 35 %%", i, p.labels[i], 100*mean)
		}
		// A shift of 3, a bend of 1.2 and a digit not quite symmetric.
		if x, y = x/ink, y/ink; min(x, y) < 13.5-7 || max(x, y) > 13.5+7 {
			t.Errorf("image %d of a %d has its weight at %.1f, %.1f, want 13.5 ± 7", i, p.labels[i], x, y)
		}
	}
}

// The means of the classes tell something of unseen digits, but far from all.
func TestDigitsAreLearnableNotTrivial(t *testing.T) {
	train, test := digits(t, 3000, 1), digits(t, 1000, 2)
	const size = digitSide * digitSide
	var means [10][size]float64
	for i, label := range train.labels {
		for k, v := range train.data[i*size:][:size] {
			means[label][k] += float64(v) / 300
		}
	}
	right := 0
	for i, label := range test.labels {
		best, nearest := 0.0, -1
		for d := range means {
			var dist float64
			for k, v := range test.data[i*size:][:size] {
				dist += (float64(v) - means[d][k]) * (float64(v) - means[d][k])
			}
			if nearest < 0 || dist < best {
				best, nearest = dist, d
			}
		}
		if nearest == int(label) {
			right++
		}
	}
	if right < 300 || right > 750 {
		t.Errorf("the nearest mean gets %d of 1000 right, want 300 to 750: chance is 100", right)
	}
}

func TestGoFonts(t *testing.T) {
	faces, err := goFonts()
	if err != nil {
		t.Fatal(err)
	}
	for f, face := range faces {
		for d := range face {
			for e := range d {
				if face[d] == face[e] {
					t.Errorf("font %d draws %d and %d alike", f, d, e)
				}
			}
			for k, v := range face[d] {
				border := k%glyphSide == 0 || k%glyphSide == glyphSide-1 || k/glyphSide == 0 || k/glyphSide == glyphSide-1
				if v < 0 || v > 1 || border && v > 0 {
					t.Fatalf("font %d, digit %d: ink at %d is %v, want 0 to 1 and none on the border", f, d, k, v)
				}
			}
		}
		rows := 0
		for row := range slices.Chunk(face[0][:], glyphSide) {
			if slices.Max(row) > 0.5 {
				rows++
			}
		}
		if rows < glyphHeight-1 || rows > glyphHeight+1 { // outlines fall between rows
			t.Errorf("font %d: the 0 is %d rows high, want %d ± 1", f, rows, glyphHeight)
		}
	}
}

func BenchmarkDigits(b *testing.B) {
	const n = 2000
	for b.Loop() {
		Digits(n, 1)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
