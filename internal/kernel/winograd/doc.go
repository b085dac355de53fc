// Package winograd computes convolutions with filters of 3 x 3 or 5 x 5, of stride
// 1, with fewer products than the definition has.
//
// A window d of 6 x 6 pixels holds what 4 x 4 pixels of output need, or 2 x 2 with
// the larger filters. With the matrices of Winograd's F(4x4, 3x3) or F(2x2, 5x5),
//
//	y  = Aᵀ [ Σ over input channels of (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// takes 36 products where the definition takes 144 or 100. The sums over channels
// are, for each of the 36 points, a matrix product of the windows and the filters.
// The gradient of the input is the same with the filters rotated; the gradient
// of the filters is
//
//	dg = Gᵀ [ Σ over windows of (Bᵀ d B) ⊙ (A dy Aᵀ) ] G
//
// Source: Lavin, Gray, Fast Algorithms for Convolutional Neural Networks,
// https://arxiv.org/abs/1509.09308.
//
// # Layout
//
// Channels lie innermost: x is (n, h, w, c), y and its gradient (n, oh, ow, oc).
// Filters are (oc, c, k, k), and transformed once for many calls. Images need
// not consist of whole tiles nor channels of whole vectors.
//
// # Error
//
// The points of the underlying polynomials are 0, ±√½, ±√2 and ∞, in place of the
// usual 0, ±1, ±2 and ∞: about half the error for the same work. For the choice
// see Barabasz et al., Error Analysis and Improving the Accuracy of Winograd
// Convolution for Deep Neural Networks, https://arxiv.org/abs/1803.10986. Against
// float64, the error is the following multiple of that of the direct computation
// in float32, for 16 to 256 channels, images of 4 to 16 pixels, and inputs both
// normally distributed and behind a ReLU:
//
//	                              root of the mean square    largest
//	3 x 3   y                     0.9 to 1.8                 0.6 to 2.2
//	        gradient of x         1.9 to 3.0                 1.2 to 2.5
//	        gradient of filters   1.9 to 4.2                 1.1 to 4.2
//	5 x 5   y                     0.6 to 1.1                 0.2 to 0.8
//	        gradient of x         1.3 to 3.7                 0.5 to 4.0
//	        gradient of filters   0.8 to 6.6                 0.5 to 8.3
//
// The upper ends for 5 x 5 are those of images with few outputs, 2 x 2 or 5 x 5, of
// whose few terms the direct sums are nearly exact.
//
// F(2x2, 3x3), with 64 products for the same output, would be more exact still.
// It is not here: that is not needed, and on no size of image does it take
// noticeably fewer products than F(4x4, 3x3) or the definition.
//
// # Values that are not finite
//
// The transforms mix what they see. A NaN or an infinity makes the whole tile of
// output NaN where the definition would only touch the pixels around it, and all
// taps of a filter's gradient. It is never lost.
package winograd
