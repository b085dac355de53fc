package vec

import (
	"math"

	"github.com/thinnet/thinnet/internal/philox"
)

// normals are the coefficients, from that of 1 to that of t³, of cubics in t for 16
// octaves of t, as bits of float32. They were fitted to the quantiles of the normal
// distribution, each divided by the standard deviation of all, so as to keep the
// largest difference small. It is 0.0002; the variance of all 2^16 numbers is 1 to
// within 2e-10, and the largest one 4.32. Octave [2^k, 2^(k+1)) has entry k-1 modulo
// 16: the low bits of the exponent of t.
var normals = [4][16]uint32{
	{
		0x4082705d, 0x40851429, 0x40863a78, 0x408141b5,
		0x407815d0, 0x406d2e55, 0x4061ccec, 0x4055e394,
		0x404961d3, 0x403c3252, 0x402e39bf, 0x401f5592,
		0x400f5a46, 0x3ffc2929, 0x3fd7b3cc, 0x408a65d2,
	},
	{
		0x00000000, 0xbd264176, 0xbd7b09b4, 0xbd0461f7,
		0xbc8af36e, 0xbc11c95c, 0xbb9976d5, 0xbb223e57,
		0xbaac84b5, 0xba38d171, 0xb9c7e72e, 0xb95af289,
		0xb8f3decd, 0xb88b0ecb, 0xb826ed13, 0x00000000,
	},
	{
		0x00000000, 0x00000000, 0x3b24be1f, 0x3a2f7464,
		0x39387981, 0x38411fe6, 0x374a9d18, 0x3655248b,
		0x35611aaf, 0x346eefb1, 0x337f209c, 0x3289191a,
		0x3194391b, 0x30a0af7a, 0x2fb629da, 0x00000000,
	},
	{
		0x00000000, 0x00000000, 0xb841fe47, 0xb6d0640d,
		0xb55b7ed2, 0xb3e5a38d, 0xb270c9c1, 0xb0fd1080,
		0xaf857763, 0xae0d74d6, 0xac96cce0, 0xab21e25c,
		0xa9af5642, 0xa841ace0, 0xa7001262, 0x00000000,
	},
}

// normalOf returns the number of a half-word. The low bit is its sign. The others,
// followed by a one, are t: the probability of what is beyond the number is t/2^17.
//
// The assembly has fused products and sums, rounded once. Here a product of two
// float32 is exact in float64, and no sum of these 2^15 polynomials comes out halfway
// between two float32 after a rounding to float64: so this gives the same bits.
func normalOf(half uint32) float32 {
	t := float32(half | 1)
	octave := math.Float32bits(t) >> 23 & 15
	z := math.Float32frombits(normals[3][octave])
	for _, c := range [3]*[16]uint32{&normals[2], &normals[1], &normals[0]} {
		z = float32(float64(z)*float64(t) + float64(math.Float32frombits(c[octave])))
	}
	return math.Float32frombits(math.Float32bits(z) ^ half<<31)
}

// A NormalOp is what is done with scaled numbers z of a normal distribution.
type NormalOp uint8

const (
	NormalAdd NormalOp = iota // x + z
	NormalMul                 // x·(1 + z)
)

// NormalApply computes y = x op scale·z for numbers z, one for each half-word of d. The
// slices begin with block first. The threshold of d plays no part.
func NormalApply[T Float](op NormalOp, d *Draws, y, x []T, first uint64, scale T) {
	normalApply(op, d, y, x[:len(y)], first, scale)
}

func normalApplyGo[T Float](op NormalOp, d *Draws, y, x []T, first uint64, scale T) {
	var z [HalfWords]T
	for e := 0; e < len(x); e += HalfWords {
		normalBlock(&z, d, first+uint64(e/HalfWords), scale)
		y, x := y[e:min(e+HalfWords, len(x))], x[e:min(e+HalfWords, len(x))]
		for i, v := range x {
			if op == NormalAdd {
				y[i] = v + z[i]
			} else {
				y[i] = v * (1 + z[i])
			}
		}
	}
}

// normalBlock writes the numbers of a block, times scale.
func normalBlock[T Float](z *[HalfWords]T, d *Draws, block uint64, scale T) {
	for i, w := range philox.Block(philox.At(d.Step, block), d.Key) {
		z[2*i] = scale * T(normalOf(w&0xffff))
		z[2*i+1] = scale * T(normalOf(w>>16))
	}
}
