// Package depthwise holds the inner loops of convolutions in which every channel
// is a convolution of its own, with channels innermost in memory: a vector is some
// channels of one point.
package depthwise

//go:generate go run -C ../_asm ./depthwise -out ../depthwise/depthwise_amd64.s -stubs ../depthwise/depthwise_amd64.go -pkg depthwise

import "unsafe"

// Args describes points that see the source through the same taps, evenly spaced
// in memory. Steps are in bytes. Both functions count down Channels.
type Args struct {
	// X is what the first point sees, without the offset of a tap, W the weights
	// and Y the first point.
	X, W, Y unsafe.Pointer
	Bias    unsafe.Pointer // a number for each channel, or nil

	Taps         unsafe.Pointer // the first of them
	Count        int            // of taps
	Points       int            // at least 1
	XStep, YStep int            // from one point to the next
	Channels     int
	ReLU         bool // y is max(y, 0); NaN stays NaN

	done int // bytes of the channels that are done; 0 at first
}

// A Tap is where a tap's first channel lies, in bytes: from X of the source, and
// from W of the weights.
type Tap struct{ X, W int }

func at(p unsafe.Pointer, bytes int) *float32 { return (*float32)(unsafe.Add(p, bytes)) }

// sumsGo is [Sums] in Go.
func sumsGo(a *Args) {
	taps := unsafe.Slice((*Tap)(a.Taps), a.Count)
	for i := range a.Points {
		for c := range a.Channels {
			var sum float32
			if a.Bias != nil {
				sum = *at(a.Bias, 4*c)
			}
			for _, t := range taps {
				sum += *at(a.W, t.W+4*c) * *at(a.X, i*a.XStep+t.X+4*c)
			}
			if a.ReLU && sum < 0 {
				sum = 0
			}
			*at(a.Y, i*a.YStep+4*c) = sum
		}
	}
}

// gradientsGo is [Gradients] in Go.
func gradientsGo(a *Args) {
	for _, t := range unsafe.Slice((*Tap)(a.Taps), a.Count) {
		for c := range a.Channels {
			sum := *at(a.W, t.W+4*c)
			for i := range a.Points {
				sum += *at(a.X, i*a.XStep+t.X+4*c) * *at(a.Y, i*a.YStep+4*c)
			}
			*at(a.W, t.W+4*c) = sum
		}
	}
}
