package train

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/philox"
)

// digitSide is the height and width of an image, as in MNIST.
const digitSide = 28

// Digits is the built-in data set: n pictures of the digits 0 to 9, for trying
// things out without downloading anything. Each is a digit of one of the
// twelve Go fonts, white on black, turned by up to 20 degrees, scaled, sheared,
// shifted, bent, made bolder or thinner, dimmed, and covered with noise. Of
// 2,000 unseen ones a linear classifier trained on 8,000 gets two thirds right,
// a convolutional network of two layers 99 %.
//
// x is (n, 1, 28, 28) of float32 in [0, 1], t is (n) of [tensor.Int], the
// classes are named "0" to "9". Each ten successive samples have each digit
// once, in random order.
//
// Picture i is a function of (seed, i) alone, so Digits(100, 1) are the first
// of Digits(1000, 1); for a test set take another seed. All are drawn at once,
// on all processors, and kept as bytes. n below 0 counts as 0.
func Digits(n int, seed uint64) Dataset {
	n = max(0, n)
	faces, err := goFonts()
	if err != nil {
		// The fonts are compiled in and known good.
		return broken{n, errors.WithMessage(err, "Digits")}
	}
	p := &pixels{
		data: make([]byte, n*digitSide*digitSide), labels: make([]byte, n),
		c: 1, h: digitSide, w: digitSide, classes: digitNames(),
	}
	labels, styles := philox.KeyOf(seed, "digits/label"), philox.KeyOf(seed, "digits/style")
	const ten = 10
	parallel((n+ten-1)/ten, func(block int) error {
		order := rand.New(philox.NewSource(labels, uint64(block))).Perm(ten)
		for i := block * ten; i < min(n, (block+1)*ten); i++ {
			label := order[i%ten]
			r := rand.New(philox.NewSource(styles, uint64(i)))
			g := &faces[r.IntN(len(faces))][label]
			drawDigit(p.data[i*digitSide*digitSide:][:digitSide*digitSide], g, r)
			p.labels[i] = byte(label)
		}
		return nil
	})
	return p
}

// drawDigit distorts a glyph into an image.
func drawDigit(img []byte, g *glyph, r *rand.Rand) {
	m := digitMap(r)
	wave := newWave(r)
	bolder := float32(uniform(r, -0.9, 0.9))
	ink := uniform(r, 0.45, 1)
	noise := uniform(r, 0, 0.15)
	for y := range digitSide {
		for x := range digitSide {
			var sum float32
			for s := range 4 { // a pixel is the mean of four points
				px, py := float64(x)+0.5*float64(s%2)-0.25, float64(y)+0.5*float64(s/2)-0.25
				u := m[0]*px + m[1]*py + m[2] + wave.x[2*y+s/2]
				v := m[3]*px + m[4]*py + m[5] + wave.y[2*x+s%2]
				sum += g.at(float32(u), float32(v))
			}
			// Coverage goes from 0 to 1 in the pixels that an outline crosses.
			// Adding to it there moves the outline by a part of a pixel.
			stroke := sum / 4
			stroke += bolder * stroke * (1 - stroke)
			v := ink*float64(stroke) + noise*r.NormFloat64()
			img[y*digitSide+x] = byte(math.Round(255 * min(1, max(0, v))))
		}
	}
}

// digitMap draws a map from places in an image to places in a glyph.
func digitMap(r *rand.Rand) affine {
	sin, cos := math.Sincos(uniform(r, -20, 20) * math.Pi / 180)
	sx, sy := uniform(r, 0.7, 1.15), uniform(r, 0.7, 1.1)
	shear := uniform(r, -0.3, 0.3)
	dx, dy := uniform(r, -3, 3), uniform(r, -3, 3)
	// Rotate back, then undo shear and scale.
	a, b := (cos-shear*sin)/sx, (-sin-shear*cos)/sx
	d, e := sin/sy, cos/sy
	const centre, middle = float64(digitSide-1) / 2, float64(glyphSide-1) / 2
	cx, cy := centre+dx, centre+dy
	const k = glyphScale
	return affine{
		k * a, k * b, middle - k*(a*cx+b*cy),
		k * d, k * e, middle - k*(d*cx+e*cy),
	}
}

// wave bends an image: row y moves by x[2y], column x by y[2x], in pixels of a
// glyph, with the places half-way between.
type wave struct{ x, y [2 * digitSide]float64 }

func newWave(r *rand.Rand) *wave {
	w := new(wave)
	for _, axis := range []*[2 * digitSide]float64{&w.x, &w.y} {
		height := glyphScale * uniform(r, 0, 1.2)
		turns := uniform(r, 0.5, 1.5)
		phase := uniform(r, 0, 2*math.Pi)
		for i := range axis {
			axis[i] = height * math.Sin(turns*2*math.Pi*float64(i)/(2*digitSide)+phase)
		}
	}
	return w
}
