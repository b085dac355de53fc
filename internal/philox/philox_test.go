package philox

import (
	"math/rand/v2"
	"testing"
)

// The vectors are those of Random123, the authors' library (kat_vectors,
// philox4x32 with 10 and 7 rounds).
func TestBlockKnownAnswers(t *testing.T) {
	for _, v := range []struct {
		c           Counter
		k           Key
		want, short Counter
	}{
		{
			Counter{}, Key{},
			Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
			Counter{0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48},
		},
		{
			Counter{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, Key{0xffffffff, 0xffffffff},
			Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
			Counter{0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662},
		},
		{
			Counter{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, Key{0xa4093822, 0x299f31d0},
			Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
			Counter{0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a},
		},
	} {
		if got := Block(v.c, v.k); got != v.want {
			t.Errorf("Block(%x, %x) = %x, want %x", v.c, v.k, got, v.want)
		}
		if got := Short(v.c, v.k); got != v.short {
			t.Errorf("Short(%x, %x) = %x, want %x", v.c, v.k, got, v.short)
		}
	}
}

func TestKeyOfSeparatesSeedsAndPaths(t *testing.T) {
	seen := map[Key]string{}
	for seed := range uint64(100) {
		for _, path := range []string{"", "drop1", "drop2", "drop1/drop2", "1drop"} {
			k := KeyOf(seed, path)
			if other, dup := seen[k]; dup {
				t.Fatalf("seed %d path %q has the key of %s", seed, path, other)
			}
			seen[k] = path
		}
	}
}

func TestSourceReadsBlocksInOrder(t *testing.T) {
	k := KeyOf(1, "a")
	src := NewSource(k, 7)
	for i := range uint64(3) {
		b := Block(At(7, i), k)
		for j := 0; j < 4; j += 2 {
			want := uint64(b[j]) | uint64(b[j+1])<<32
			if got := src.Uint64(); got != want {
				t.Fatalf("block %d half %d: got %x, want %x", i, j/2, got, want)
			}
		}
	}
	if r := rand.New(NewSource(k, 7)); r.Float64() == rand.New(NewSource(k, 8)).Float64() {
		t.Error("two steps start with the same number")
	}
}

func BenchmarkBlock(b *testing.B) {
	b.SetBytes(16)
	var c Counter
	for b.Loop() {
		c = Block(c, Key{1, 2})
	}
}
