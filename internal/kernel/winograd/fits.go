package winograd

// Fits says which passes of [Conv] take less time than multiplying the filters
// directly, with filters that are packed for every call. It is a rule of thumb. The
// measurements behind it are of one thread of one processor, with AVX-512 and AVX2:
// square images of 2 to 32 pixels, 1 to 64 of them, and 16 to 512 channels.
func Fits(s Size) (forward, data, weights bool) {
	oh, ow := s.out()
	if (s.Kernel != 3 && s.Kernel != 5) || min(s.PadH, s.PadW) < 0 || max(s.PadH, s.PadW) >= s.Kernel ||
		min(s.N, oh, ow) < 1 || min(s.C, s.OC) < minChannels {
		return false, false, false
	}
	products := s.N * pairs(s.H, oh, s.Kernel, s.PadH) * pairs(s.W, ow, s.Kernel, s.PadW)
	out, in := s.tiles(), s.turned().tiles()
	// The transformed filters have up to four times the size of the filters; to
	// make and to read them, and to start, takes as long as some tiles do.
	few, fewSums := max(4, 8192/(s.C*s.OC), s.C*s.OC/4096), 16
	if points*s.C*s.OC > 1<<22 { // and they do not stay in the cache
		few, fewSums = max(16, few), 96
	}
	// Most windows at a border compute what is outside of the image, or see zeros
	// there. The direct gradient of the filters is the best at leaving that out.
	return out >= few && 4*products >= 5*points*out,
		in >= few && 4*products >= 5*points*in,
		out >= max(few, fewSums) && 2*products >= 3*points*out
}

const minChannels = 16

// tiles returns how many tiles the output has.
func (s Size) tiles() int {
	oh, ow := s.out()
	side := outSide(s.Kernel)
	return s.N * up(oh, side) * up(ow, side)
}

// pairs returns how many pairs of a pixel and one of the output that sees it there
// are along an axis.
func pairs(in, out, k, pad int) int {
	n := 0
	for o := range out {
		n += max(0, min(o-pad+k, in)-max(o-pad, 0))
	}
	return n
}
