// Package winograd computes convolutions with 3 x 3 filters, of stride 1, with
// fewer products than the definition has.
//
// A window d of 6 x 6 pixels holds what 4 x 4 pixels of output need. With the
// matrices of Winograd's F(4x4, 3x3),
//
//	y  = Aᵀ [ Σ over input channels of (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// takes 36 products where the definition takes 144. The sums over channels are,
// for each of the 36 points, a matrix product of the windows and the filters.
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
// Filters are (oc, c, 3, 3), and transformed once for many calls. Images need
// not consist of whole tiles nor channels of whole vectors.
//
// # Values that are not finite
//
// The transforms mix what they see. A NaN or an infinity makes the whole tile of
// 4 x 4 pixels NaN where the definition would only touch the pixels beside it,
// and all nine taps of a filter's gradient. It is never lost.
package winograd
