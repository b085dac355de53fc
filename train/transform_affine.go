package train

// affine is a map of the plane, (x, y) to (a·x + b·y + c, d·x + e·y + f).
type affine [6]float64

// about returns the linear map of a, b, d, e with the centre of an image of w
// by h pixels as its fixed point. Places are those of the centres of pixels.
func about(w, h int, a, b, d, e float64) affine {
	cx, cy := float64(w-1)/2, float64(h-1)/2
	return affine{a, b, cx - a*cx - b*cy, d, e, cy - d*cx - e*cy}
}

// resample replaces each pixel of s by the value at the place in s where m
// sends it, so m is the inverse of what happens to the picture. Values between
// pixels are bilinear; outside of the image all is 0.
func (s *Sample) resample(m affine) {
	// With a frame of zeros all four neighbours of a place exist.
	framed := *s
	framed.window(-1, -1, s.W+2, s.H+2)
	size := s.H * s.W
	out := make([]float32, len(s.Data))
	for i := range size {
		x, y := float64(i%s.W), float64(i/s.W)
		u := m[0]*x + m[1]*y + m[2] + 1
		v := m[3]*x + m[4]*y + m[5] + 1
		if !(u >= 0 && u < float64(s.W+1) && v >= 0 && v < float64(s.H+1)) { // this way round, NaN fails too
			continue
		}
		left, top := int(u), int(v)
		fx, fy := float32(u-float64(left)), float32(v-float64(top))
		for c := range s.C {
			above := framed.plane(c)[top*framed.W+left:]
			below := above[framed.W:]
			a := (1-fx)*above[0] + fx*above[1]
			b := (1-fx)*below[0] + fx*below[1]
			out[c*size+i] = (1-fy)*a + fy*b
		}
	}
	s.Data = out
}
