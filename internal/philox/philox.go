// Package philox is the counter-based random number generator Philox4x32-10.
//
// A counter-based generator has no state: block i of a stream is a function of
// a key and i. A mask drawn from it is therefore the same on one goroutine or
// many, in the forward and in the backward pass, and after a resume.
//
// Source: Salmon, Moraes, Dror, Shaw, Parallel Random Numbers: As Easy as
// 1, 2, 3, SC 2011, https://doi.org/10.1145/2063384.2063405.
package philox

import "math/bits"

// A Key selects a stream.
type Key [2]uint32

// A Counter selects a block of 128 bits within a stream.
type Counter [4]uint32

// The multipliers and the Weyl constants of the paper, table 2.
const (
	mul0, mul1   = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1 = uint32(0x9E3779B9), uint32(0xBB67AE85)
	rounds       = 10
	shortRounds  = 7
)

// Block returns block c of stream k.
func Block(c Counter, k Key) Counter { return of(rounds, c, k) }

// Short is [Block] with 7 rounds instead of 10, as many as the paper finds enough for
// the tests of BigCrush: Philox4x32-7. It is for draws with arithmetic of their own,
// which takes the time of the other three.
func Short(c Counter, k Key) Counter { return of(shortRounds, c, k) }

func of(rounds int, c Counter, k Key) Counter {
	// In variables of their own the words stay in registers; in arrays they do not.
	c0, c1, c2, c3, k0, k1 := c[0], c[1], c[2], c[3], k[0], k[1]
	for range rounds {
		hi0, lo0 := bits.Mul32(mul0, c0)
		hi1, lo1 := bits.Mul32(mul1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += weyl0
		k1 += weyl1
	}
	return Counter{c0, c1, c2, c3}
}

// Keys returns what the rounds of [Block], and the first of them of [Short], XOR with words that differ from block to
// block, for code that has the rounds in assembly. The blocks are those of a step
// whose numbers have the high 32 bits of i. A round makes of words a b c d
//
//	hi(c·mul1)^b^k0, lo(c·mul1), hi(a·mul0)^d^k1, lo(a·mul0)
//
// and of the first words only a differs. So the first round has one key, for its
// third word. After it the first two words are the same in all blocks, and after
// the second round the last one is: they are part of the keys of the next round.
func Keys(k Key, step, i uint64) (keys [2*rounds - 1]uint32) {
	var all [2 * rounds]uint32
	for r := range uint32(rounds) {
		all[2*r], all[2*r+1] = k[0]+r*weyl0, k[1]+r*weyl1
	}
	c := At(step, i)
	keys[0] = c[3] ^ all[1]
	hi, lo := bits.Mul32(mul1, c[2])
	keys[1] = lo ^ all[2]
	hi, lo = bits.Mul32(mul0, hi^c[1]^all[0])
	keys[2] = hi ^ all[3]
	keys[3], keys[4] = all[4], lo^all[5]
	copy(keys[5:], all[6:])
	return keys
}

// At returns the counter of block i at a step of training: a step has 2^64
// blocks of its own, so streams of two steps never overlap.
func At(step, i uint64) Counter {
	return Counter{uint32(i), uint32(i >> 32), uint32(step), uint32(step >> 32)}
}

// KeyOf derives the key of the stream that a path names under a seed. Paths
// are hashed by FNV-1a and mixed with the seed by the finaliser of SplitMix64,
// so that neighbouring seeds and similar paths give unrelated keys.
func KeyOf(seed uint64, path string) Key {
	h := uint64(14695981039346656037)
	for i := range len(path) {
		h = (h ^ uint64(path[i])) * 1099511628211
	}
	h = mix(mix(seed) ^ h)
	return Key{uint32(h), uint32(h >> 32)}
}

func mix(z uint64) uint64 {
	z += 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// A Source reads one step of a stream in order. It implements the Source of
// math/rand/v2, whose Rand adds distributions and shuffles.
type Source struct {
	key   Key
	step  uint64
	block uint64
	buf   Counter
	used  int
}

// NewSource returns a source at the start of a step of the stream.
func NewSource(key Key, step uint64) *Source {
	return &Source{key: key, step: step, used: len(Counter{})}
}

// Uint64 returns the next 64 bits.
func (s *Source) Uint64() uint64 {
	if s.used == len(s.buf) {
		s.buf = Block(At(s.step, s.block), s.key)
		s.block++
		s.used = 0
	}
	lo, hi := s.buf[s.used], s.buf[s.used+1]
	s.used += 2
	return uint64(lo) | uint64(hi)<<32
}
