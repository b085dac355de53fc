package vec

import (
	"math"

	"github.com/thinnet/thinnet/internal/philox"
)

// normals are the coefficients of 1, t and t², of quadratics in t for both halves of 16
// octaves of t, as bits of float32. They were fitted to the quantiles of the normal
// distribution, each divided by the standard deviation of all, so as to keep the
// largest difference small. It is 0.00036; the variance of all 2^16 numbers is 1 to
// within 1e-10, and the largest one 4.32. The entry is the low bits of the exponent of t
// and the first one after them.
var normals = [3][32]uint32{
	{
		0x00000000, 0x40827080, 0x407d2b7a, 0x4077f96d, 0x40813221, 0x407d3f85, 0x407fa5fb, 0x407a6def,
		0x40750ee0, 0x406f9972, 0x406a0499, 0x40644ed9, 0x405e7ccd, 0x40588109, 0x405267e3, 0x404c1f15,
		0x4045b516, 0x403f1453, 0x40384d0f, 0x403146af, 0x402a126c, 0x402294fb, 0x401adfe1, 0x4012d4f9,
		0x400a854e, 0x4001ce71, 0x3ff1789b, 0x3fde3224, 0x3fc944be, 0x3faf603d, 0x408a65f7, 0x00000000,
	},
	{
		0x00000000, 0x00000000, 0x00000000, 0x00000000, 0xbccc444d, 0xbc94a527, 0xbccf7781, 0xbc969c77,
		0xbc595826, 0xbc1dc9a0, 0xbbe43714, 0xbba5dcff, 0xbb708346, 0xbb2f22e4, 0xbafea67d, 0xbab9fa12,
		0xba87ad74, 0xba46ec9b, 0xba11c3a7, 0xb9d6c308, 0xb99e436d, 0xb96aaec9, 0xb92e3db8, 0xb9024dd1,
		0xb8c3702f, 0xb893d69f, 0xb860913b, 0xb82bf3b1, 0xb803045c, 0xb7bfdf91, 0x00000000, 0x00000000,
	},
	{
		0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x39a113ad, 0x392684a4,
		0x38a88731, 0x382e0257, 0x37b078b3, 0x37363c7d, 0x36b93dea, 0x363f784f, 0x35c2ff58, 0x3549f84a,
		0x34ce3332, 0x34561a56, 0x33db38f6, 0x33644b65, 0x32ea7e4d, 0x3274f50c, 0x31fc5673, 0x3184150e,
		0x3108193b, 0x308def8a, 0x30102ae1, 0x2f906c0e, 0x2f004ff1, 0x2e0428f8, 0x00000000, 0x00000000,
	},
}

// Normals are numbers of a normal distribution with a standard deviation, one for each
// half-word of a step of a stream: of words drawn with [philox.Short], as they have some
// arithmetic to themselves.
type Normals[T Float] struct {
	Key   philox.Key
	Step  uint64
	scale T
	table [3][32]float32 // normals, times scale where that is a float32
}

func NewNormals[T Float](key philox.Key, step uint64, scale T) Normals[T] {
	n := Normals[T]{Key: key, Step: step, scale: 1}
	times := float32(scale)
	if !IsFloat32[T]() {
		n.scale, times = scale, 1
	}
	for power, entries := range normals {
		for i, c := range entries {
			n.table[power][i] = times * math.Float32frombits(c)
		}
	}
	return n
}

// Table returns the coefficients of 1, t and t² for the 32 parts of the range of t.
func (n *Normals[T]) Table() [3][32]float32 { return n.table }

// of returns the number of a half-word. The low bit is its sign. The others, followed by
// a one, are t: the probability of what is beyond the number is t/2^17.
func (n *Normals[T]) of(half uint32) T {
	t := float32(half&0xffff | 1)
	entry := math.Float32bits(t) >> 22 & 31
	z := n.table[2][entry]
	z = fused(z, t, n.table[1][entry])
	z = fused(z, t, n.table[0][entry])
	return n.scale * T(math.Float32frombits(math.Float32bits(z)^half<<31))
}

func (n *Normals[T]) block(i uint64) philox.Counter { return philox.Short(philox.At(n.Step, i), n.Key) }

// fused returns a·b + c rounded once, as the assembly does. Of float32 the product is
// exact in float64, and a sum there that is not is made odd: so it is not halfway between
// two float32, and rounds as the exact one does. Float64 has no assembly.
func fused[T Float](a, b, c T) T {
	if !IsFloat32[T]() {
		return T(a*b) + c
	}
	product, term := float64(a)*float64(b), float64(c)
	sum := product + term
	of := sum - product
	rest := (product - (sum - of)) + (term - of)
	if bits := math.Float64bits(sum); bits&1 == 0 && (rest < 0 || rest > 0) {
		if (rest > 0) == (sum > 0) {
			bits++
		} else {
			bits--
		}
		sum = math.Float64frombits(bits)
	}
	return T(sum)
}

// A NormalOp is what is done with numbers z of a normal distribution.
type NormalOp uint8

const (
	NormalAdd NormalOp = iota // x + z
	NormalMul                 // x + x·z
)

func normalCombine[T Float](op NormalOp, x, z T) T {
	if op == NormalAdd {
		return x + z
	}
	return fused(x, z, x)
}

// NormalApply computes y = x op z. The slices begin with block first.
func NormalApply[T Float](op NormalOp, n *Normals[T], y, x []T, first uint64) {
	normalApply(op, n, y, x[:len(y)], first)
}

func normalApplyGo[T Float](op NormalOp, n *Normals[T], y, x []T, first uint64) {
	for e := 0; e < len(x); e += HalfWords {
		words := n.block(first + uint64(e/HalfWords))
		y, x := y[e:min(e+HalfWords, len(x))], x[e:min(e+HalfWords, len(x))]
		for i, v := range x {
			y[i] = normalCombine(op, v, n.of(words[i/2]>>(i%2*16)))
		}
	}
}

// Words writes the words that n is drawn from, each for two elements, the low half for
// the first one. They begin with block first, and are those of whole blocks.
func (n *Normals[T]) Words(words []uint32, first uint64) {
	normalWords(n, words, first)
}

func normalWordsGo[T Float](n *Normals[T], words []uint32, first uint64) {
	for i := 0; i < len(words); i += wordsInBlock {
		block := n.block(first + uint64(i/wordsInBlock))
		copy(words[i:], block[:])
	}
}

const wordsInBlock = HalfWords / 2

// NormalPairs is [NormalApply] for pairs of rows of y and x: the low half-words of a row
// of words are for the first row of a pair, the high ones for the second one.
func NormalPairs[T Float](op NormalOp, n *Normals[T], y, x []T, words []uint32, pairs, cols int) {
	if pairs > 0 && cols > 0 {
		normalPairs(op, n, y[:2*pairs*cols], x[:2*pairs*cols], words[:pairs*cols], pairs, cols)
	}
}

func normalPairsGo[T Float](op NormalOp, n *Normals[T], y, x []T, words []uint32, pairs, cols int) {
	for i := range pairs {
		at := 2 * i * cols
		for j, w := range words[i*cols:][:cols] {
			y[at+j] = normalCombine(op, x[at+j], n.of(w))
			y[at+cols+j] = normalCombine(op, x[at+cols+j], n.of(w>>16))
		}
	}
}
