package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

func random(seed uint64) *rand.Rand {
	return rand.New(philox.NewSource(philox.KeyOf(seed, "test"), 0))
}

// numbered is a sample of the values 1, 2, 3, ...
func numbered(c, h, w int) *Sample {
	s := &Sample{Data: make([]float32, c*h*w), C: c, H: h, W: w}
	for i := range s.Data {
		s.Data[i] = float32(i + 1)
	}
	return s
}

func wantSample(t *testing.T, name string, s *Sample, c, h, w int, want []float32, tolerance float64) {
	t.Helper()
	if s.C != c || s.H != h || s.W != w {
		t.Errorf("%s: sizes are %d, %d, %d, want %d, %d, %d", name, s.C, s.H, s.W, c, h, w)
	}
	ok := slices.EqualFunc(s.Data, want, func(a, b float32) bool { return math.Abs(float64(a-b)) <= tolerance })
	if !ok {
		t.Errorf("%s: got %v, want %v ± %g", name, s.Data, want, tolerance)
	}
}

func TestTransformKnownAnswers(t *testing.T) {
	// Sines and cosines are off by 1e-16, float32 values up to 10 by 1e-6.
	const bilinear = 1e-5
	for _, c := range []struct {
		name      string
		in        *Sample
		do        func(*Sample)
		c, h, w   int
		want      []float32
		tolerance float64
	}{
		{"right by 1", numbered(1, 2, 3), func(s *Sample) { s.window(-1, 0, 3, 2) }, 1, 2, 3, []float32{0, 1, 2, 0, 4, 5}, 0},
		{"up by 1", numbered(2, 2, 2), func(s *Sample) { s.window(0, 1, 2, 2) }, 2, 2, 2, []float32{3, 4, 0, 0, 7, 8, 0, 0}, 0},
		{"out of sight", numbered(1, 2, 2), func(s *Sample) { s.window(-2, 5, 2, 2) }, 1, 2, 2, []float32{0, 0, 0, 0}, 0},
		{"larger window", numbered(1, 1, 1), func(s *Sample) { s.window(-1, -1, 3, 2) }, 1, 2, 3, []float32{0, 0, 0, 0, 1, 0}, 0},
		{"no turn", numbered(2, 2, 3), func(s *Sample) { s.rotate(0) }, 2, 2, 3, numbered(2, 2, 3).Data, 0},
		{"90 degrees", numbered(1, 3, 3), func(s *Sample) { s.rotate(90) }, 1, 3, 3, []float32{3, 6, 9, 2, 5, 8, 1, 4, 7}, bilinear},
		{"-90 degrees", numbered(2, 2, 2), func(s *Sample) { s.rotate(-90) }, 2, 2, 2, []float32{3, 1, 4, 2, 7, 5, 8, 6}, bilinear},
		{"180 degrees", numbered(1, 2, 3), func(s *Sample) { s.rotate(180) }, 1, 2, 3, []float32{6, 5, 4, 3, 2, 1}, bilinear},
		{"90 degrees, wide", numbered(1, 1, 3), func(s *Sample) { s.rotate(90) }, 1, 1, 3, []float32{0, 2, 0}, bilinear},
		{"twice as large", numbered(1, 1, 5), func(s *Sample) { s.scale(2) }, 1, 1, 5, []float32{2, 2.5, 3, 3.5, 4}, bilinear},
		{"half as large", numbered(1, 1, 5), func(s *Sample) { s.scale(0.5) }, 1, 1, 5, []float32{0, 1, 3, 5, 0}, bilinear},
		{"twice as high", numbered(1, 3, 1), func(s *Sample) { s.scale(2) }, 1, 3, 1, []float32{1.5, 2, 2.5}, bilinear},
		{"the same size", numbered(1, 2, 2), func(s *Sample) { s.scale(1) }, 1, 2, 2, []float32{1, 2, 3, 4}, 0},
		{"between pixels", numbered(1, 2, 2), func(s *Sample) { s.resample(affine{1, 0, 0.25, 0, 1, 0.5}) }, 1, 2, 2,
			// Rows 0.5 and 1.5, columns 0.25 and 1.25, zeros beyond.
			[]float32{2.25, 0.75 * 3, 0.5 * 3.25, 0.5 * 0.75 * 4}, bilinear},
		{"mirror", numbered(2, 2, 2), run(FlipHorizontal(1)), 2, 2, 2, []float32{2, 1, 4, 3, 6, 5, 8, 7}, 0},
		{"upside down", numbered(2, 2, 3), run(FlipVertical(1)), 2, 2, 3, []float32{4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9}, 0},
		{"no mirror", numbered(1, 1, 2), run(FlipHorizontal(0)), 1, 1, 2, []float32{1, 2}, 0},
		{"crop", numbered(1, 3, 4), run(CenterCrop(2)), 1, 2, 2, []float32{2, 3, 6, 7}, 0},
		{"crop all", numbered(1, 2, 2), run(RandomCrop(2, 0)), 1, 2, 2, []float32{1, 2, 3, 4}, 0},
		{"crop to more", numbered(1, 1, 1), run(RandomCrop(3, 1)), 1, 3, 3, []float32{0, 0, 0, 0, 1, 0, 0, 0, 0}, 0},
		{"normalize channels", numbered(2, 1, 2), run(Normalize([]float64{1, 2}, []float64{2, 0.5})), 2, 1, 2, []float32{0, 0.5, 2, 4}, 0},
		{"normalize all", numbered(2, 1, 1), run(Normalize([]float64{1}, []float64{2})), 2, 1, 1, []float32{0, 0.5}, 0},
		{"normalize the channels of a series", numbered(1, 2, 2), run(Normalize([]float64{1, 2}, []float64{2, 0.5})), 1, 2, 2, []float32{0, 0.5, 2, 4}, 0},
		{"normalize a vector", numbered(1, 1, 3), run(Normalize([]float64{1, 2, 0}, []float64{2, 1, 0.5})), 1, 1, 3, []float32{0, 0, 6}, 0},
		{"cutout of 2", numbered(2, 3, 3), func(s *Sample) { s.cutout(1, 1, 2) }, 2, 3, 3, []float32{0, 0, 3, 0, 0, 6, 7, 8, 9, 0, 0, 12, 0, 0, 15, 16, 17, 18}, 0},
		{"cutout in a corner", numbered(1, 3, 3), func(s *Sample) { s.cutout(2, 0, 3) }, 1, 3, 3, []float32{1, 0, 0, 4, 0, 0, 7, 8, 9}, 0},
	} {
		c.do(c.in)
		wantSample(t, c.name, c.in, c.c, c.h, c.w, c.want, c.tolerance)
	}
}

// run applies a transform whose draws do not matter.
func run(tr Transform) func(*Sample) {
	return func(s *Sample) {
		if err := s.transform(random(1), []Transform{tr}); err != nil {
			panic(err)
		}
	}
}

// A square that is far from the border has its full area; else the border
// takes a part of it.
func TestCutoutArea(t *testing.T) {
	const h, w, size = 9, 7, 4
	for y := range h {
		for x := range w {
			s := numbered(1, h, w)
			s.cutout(x, y, size)
			zeros := 0
			for _, v := range s.Data {
				if v == 0 {
					zeros++
				}
			}
			want := (min(x+2, w) - max(x-2, 0)) * (min(y+2, h) - max(y-2, 0))
			if zeros != want {
				t.Errorf("centre %d, %d: %d zeros, want %d", x, y, zeros, want)
			}
		}
	}
}

// Draws are even over all places that the documentation names.
func TestTransformsDrawEvenly(t *testing.T) {
	const draws = 9000
	for _, c := range []struct {
		name   string
		tr     Transform
		in     *Sample
		places int // as many outcomes, alike in chance
	}{
		{"Shift", Shift(1), numbered(1, 3, 3), 9},
		{"RandomCrop", RandomCrop(2, 1), numbered(1, 2, 2), 9},
		{"Cutout", Cutout(1), numbered(1, 3, 3), 9},
		{"FlipHorizontal", FlipHorizontal(0.5), numbered(1, 1, 2), 2},
		{"FlipVertical", FlipVertical(0.5), numbered(1, 2, 1), 2},
	} {
		r := random(2)
		seen := map[[9]float32]int{}
		for range draws {
			s := *c.in
			s.Data = slices.Clone(s.Data)
			if err := c.tr(r, &s); err != nil {
				t.Fatal(err)
			}
			var key [9]float32
			copy(key[:], s.Data)
			seen[key]++
		}
		if len(seen) != c.places {
			t.Errorf("%s: %d outcomes, want %d", c.name, len(seen), c.places)
		}
		p := 1 / float64(c.places)
		for key, n := range seen {
			// Five standard deviations: chance 6e-7 a row.
			if want, sd := draws*p, math.Sqrt(draws*p*(1-p)); math.Abs(float64(n)-want) > 5*sd {
				t.Errorf("%s: %v came %d times of %d, want %.0f ± %.0f", c.name, key, n, draws, want, 5*sd)
			}
		}
	}
}

// Angles and factors stay within what was asked for, and come near to it.
func TestTransformRanges(t *testing.T) {
	// An image of x - 1 in row 1: turning by a makes the pixel right of the
	// centre cos a, and the one above it sin a; scaling by k makes it 1/k.
	slope := func() *Sample { return &Sample{Data: []float32{-1, 0, 1, -1, 0, 1, -1, 0, 1}, C: 1, H: 3, W: 3} }
	r := random(3)
	lowest, highest := math.Inf(1), math.Inf(-1)
	for range 2000 {
		s := slope()
		if err := Rotate(30)(r, s); err != nil {
			t.Fatal(err)
		}
		angle := math.Asin(float64(-s.Data[1])) * 180 / math.Pi
		lowest, highest = min(lowest, angle), max(highest, angle)
	}
	if lowest < -30.01 || highest > 30.01 || lowest > -29 || highest < 29 {
		t.Errorf("Rotate(30) turns by %.2f to %.2f, want nearly -30 to 30", lowest, highest)
	}
	lowest, highest = math.Inf(1), math.Inf(-1)
	for range 2000 {
		s := slope()
		if err := ScaleBy(1.25, 2)(r, s); err != nil {
			t.Fatal(err)
		}
		factor := 1 / float64(s.Data[5])
		lowest, highest = min(lowest, factor), max(highest, factor)
	}
	if lowest < 1.249 || highest > 2.001 || lowest > 1.26 || highest < 1.99 {
		t.Errorf("ScaleBy(1.25, 2) scales by %.3f to %.3f, want nearly 1.25 to 2", lowest, highest)
	}
}

func TestTransformErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		tr   Transform
		want string
	}{
		{"Shift", Shift(-1), "Shift: pixels is -1"},
		{"FlipHorizontal", FlipHorizontal(1.5), "FlipHorizontal: p is 1.5, want 0 ≤ p ≤ 1"},
		{"FlipVertical", FlipVertical(nan), "FlipVertical: p is NaN"},
		{"Rotate", Rotate(-1), "Rotate: degrees is -1"},
		{"Rotate NaN", Rotate(nan), "Rotate: degrees is NaN"},
		{"ScaleBy 0", ScaleBy(0, 1), "ScaleBy: lo, hi is 0, 1"},
		{"ScaleBy order", ScaleBy(2, 1), "ScaleBy: lo, hi is 2, 1"},
		{"ScaleBy infinite", ScaleBy(1, inf), "ScaleBy: lo, hi is 1, +Inf"},
		{"RandomCrop", RandomCrop(0, 1), "RandomCrop: size, padding is 0, 1"},
		{"RandomCrop padding", RandomCrop(1, -1), "RandomCrop: size, padding is 1, -1"},
		{"RandomCrop huge", RandomCrop(math.MaxInt/4, math.MaxInt/4), "RandomCrop: size, padding is"},
		{"RandomCrop large", RandomCrop(6, 1), "RandomCrop: size is 6, image is 4 x 3 with padding 1"},
		{"CenterCrop", CenterCrop(0), "CenterCrop: size is 0"},
		{"CenterCrop large", CenterCrop(4), "CenterCrop: size is 4, image is 4 x 3"},
		{"Cutout", Cutout(0), "Cutout: size is 0"},
		{"Normalize none", Normalize(nil, nil), "Normalize: 0 means and 0 stds"},
		{"Normalize lengths", Normalize([]float64{1}, []float64{1, 2}), "Normalize: 1 means and 2 stds"},
		{"Normalize std", Normalize([]float64{1}, []float64{0}), "Normalize: channel 0 has mean 1 and std 0"},
		{"Normalize mean", Normalize([]float64{nan}, []float64{1}), "Normalize: channel 0 has mean NaN"},
		{"Normalize channels", Normalize([]float64{1, 2, 3}, []float64{1, 2, 3}), "Normalize: 3 means for 2 channels"},
	} {
		err := numbered(2, 3, 4).transform(random(1), []Transform{c.tr})
		wantError(t, err, "transform 0: "+c.want)
	}
}

// Arguments at the edge of what is allowed neither fail nor panic.
func TestTransformExtremes(t *testing.T) {
	for name, tr := range map[string]Transform{
		"Shift":   Shift(math.MaxInt),
		"Rotate":  Rotate(180),
		"ScaleBy": ScaleBy(math.SmallestNonzeroFloat64, math.MaxFloat64),
		"Cutout":  Cutout(math.MaxInt),
	} {
		for seed := range uint64(20) {
			s := numbered(2, 3, 4)
			if err := s.transform(random(seed), []Transform{tr}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if slices.ContainsFunc(s.Data, func(v float32) bool { return math.IsNaN(float64(v)) }) {
				t.Errorf("%s, seed %d: got %v, want numbers", name, seed, s.Data)
			}
		}
	}
}

func BenchmarkTransforms(b *testing.B) {
	for _, c := range []struct {
		name string
		tr   Transform
	}{
		{"Shift", Shift(2)}, {"Rotate", Rotate(15)}, {"RandomCrop", RandomCrop(32, 4)},
		{"FlipHorizontal", FlipHorizontal(0.5)}, {"Cutout", Cutout(8)},
		{"Normalize", Normalize([]float64{0.5}, []float64{0.25})},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, r := numbered(3, 32, 32), random(1)
			for b.Loop() {
				if err := c.tr(r, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
