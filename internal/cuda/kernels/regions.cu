// What Cutout, FocusedDropout and MaxDrop leave out.
#include "philox.h"
#include "tree.h"

DEVICE double number_of(const u32* words) { return of_bits((u64)words[1] << 32 | words[0]); }

DEVICE i32 below(u32 word, i32 n) { return (i32)((u64)word * (u32)n >> 32); }

// A block writes the factors of a sample of h by w: with the probability that draws has
// after the stream, zeros in a square of `size`, whose centre is drawn.
KERNEL(squares, float* __restrict__ k, const u32* __restrict__ draws, i32 h, i32 w, i32 size) {
  Block128 b = philox_block(stream_of(draws), BID);
  i32 top = below(b.x, h) - size / 2, left = below(b.y, w) - size / 2;
  bool none = unit(b.z) > number_of(draws + 4);
  k += (i64)BID * h * w;
  for (i32 e = (i32)TID; e < h * w; e += (i32)BDIM) {
    i32 y = e / w - top, x = e % w - left;
    k[e] = none || y < 0 || y >= size || x < 0 || x >= size;
  }
}

// A block adds up a map of s elements. takes says whether the batch takes part at all.
KERNEL_SYNC(focus_sums, double* __restrict__ sums, const float* __restrict__ x, const u32* __restrict__ takes, i32 s) {
  if (!takes[0]) return;
  x += (i64)BID * s;
  double sum = 0;
  for (i32 i = (i32)TID; i < s; i += (i32)BDIM) sum += x[i];
  sum = tree_sum(sum);
  if (TID == 0) sums[BID] = sum;
}

// A block writes the factors of a sample: 0 where the map with the largest sum, the first of
// equals, is at most mu times its largest element. Where that is not positive, or infinite,
// all are 1, and so is a NaN. takes has mu behind it.
KERNEL_SYNC(focus, float* __restrict__ k, const float* __restrict__ x, const double* __restrict__ sums, const u32* __restrict__ takes, i32 c, i32 s) {
  k += (i64)BID * s;
  bool all = !takes[0];
  float threshold = 0;
  if (!all) {
    sums += (i64)BID * c;
    Place p = nowhere();
    for (i32 i = (i32)TID; i < c; i += (i32)BDIM) p = first(p, Place{sums[i], i});
    p = tree_first(p);
    i32 map = sums[0] != sums[0] || p.at >= c ? 0 : p.at; // a NaN that stands first is never exceeded
    x += ((i64)BID * c + map) * s;
    Place top = nowhere();
    for (i32 i = (i32)TID; i < s; i += (i32)BDIM) top = first(top, Place{x[i], i});
    float largest = (float)tree_first(top).value;
    all = !(largest > 0) || largest == INFINITY32;
    threshold = of_bits(takes[1]) * largest;
  }
  for (i32 i = (i32)TID; i < s; i += (i32)BDIM) k[i] = all || !(x[i] <= threshold);
}

// Maxima that a mask drops become 0 in y, which is src elsewhere. A block has a map of s
// elements, and a draw of it.
KERNEL_SYNC(max_drop_maps, float* __restrict__ y, const float* __restrict__ src, const float* __restrict__ x, const u32* __restrict__ draws, i32 s) {
  i64 map = (i64)BID * s;
  i32 zero = -1;
  if (!kept(mask_of(draws), BID)) {
    Place top = nowhere();
    for (i32 i = (i32)TID; i < s; i += (i32)BDIM) top = first(top, Place{x[map + i], i});
    zero = tree_first(top).at;
  }
  for (i32 i = (i32)TID; i < s; i += (i32)BDIM) y[map + i] = i == zero ? 0 : src[map + i];
}

// A thread has a position of a sample, of all c channels, and a draw of it.
KERNEL(max_drop_across, float* __restrict__ y, const float* __restrict__ src, const float* __restrict__ x, const u32* __restrict__ draws, i32 c, i32 s, i32 n) {
  i64 e = index();
  if (e >= n) return;
  i64 at = e / s * s * c + e % s;
  i32 zero = -1;
  if (!kept(mask_of(draws), e)) {
    float top = -INFINITY32;
    for (i32 i = 0; i < c; i++) {
      float v = x[at + (i64)i * s];
      if (v > top || (v == top && zero < 0)) top = v, zero = i;
    }
  }
  for (i32 i = 0; i < c; i++) y[at + (i64)i * s] = i == zero ? 0 : src[at + (i64)i * s];
}
