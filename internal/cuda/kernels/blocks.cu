// Boxes that are dropped from maps, as in internal/kernel/blocks.go: what is dropped is held
// as bits, one for each element, 32 to a word.
#include "divide.h"
#include "four.h"
#include "philox.h"

// A box begins at an element that a mask drops, if all of it lies in the map, of `depth` by
// `height` by `width`: if the element lies in the first `first_d`, `first_h`, `first_w` of
// them. For a small probability the mask drops more, and of these a part begins a box: after
// the stream and the threshold, draws has that part as a number of 64 bits.
KERNEL(blocks_corners, u32* __restrict__ words, const u32* __restrict__ draws, i32 depth, i32 height, i32 width, i32 first_d, i32 first_h,
       i32 first_w, i32 n) {
  i64 at = 32 * index();
  if (at >= n) return;
  Stream s = stream_of(draws);
  u32 threshold = draws[4], word = 0;
  double part = of_bits((u64)draws[6] << 32 | draws[5]);
  for (int j = 0; j < 4; j++) {
    Block128 b = philox_block(s, (u64)at / 8 + (u64)j);
    u32 of[4] = {b.x, b.y, b.z, b.w};
    for (int i = 0; i < 4; i++) {
      word |= (u32)((of[i] & 0xffff) < threshold) << (8 * j + 2 * i);
      word |= (u32)((of[i] >> 16) < threshold) << (8 * j + 2 * i + 1);
    }
  }
  for (u32 rest = word; rest; rest &= rest - 1) {
    int bit = __builtin_ctz(rest);
    i64 e = at + bit;
    i32 w = (i32)(e % width), row = (i32)(e / width), h = row % height, d = row / height % depth;
    bool begins = e < n && w < first_w && h < first_h && d < first_d;
    if (begins && part < 1) begins = unit(philox_block(s, 1ull << 63 | (u64)e).x) < part;
    if (!begins) word &= ~(1u << bit);
  }
  words[at / 32] = word;
}

// Each bit that is set sets `size` bits, `step` apart from it on: that is how a box grows
// along an axis. None leads out of its map, nor out of memory.
KERNEL(blocks_spread, u32* __restrict__ to, const u32* __restrict__ from, i32 size, i32 step, i32 words) {
  i64 i = index();
  if (i >= words) return;
  u32 word = 0;
  for (i64 by = 0; by < (i64)size * step; by += step) {
    i64 at = i - by / 32;
    int r = (int)(by % 32);
    if (at < 0) break;
    word |= from[at] << r;
    if (r && at > 0) word |= from[at - 1] >> (32 - r);
  }
  to[i] = word;
}

// A thread counts what is kept of up to 32 words of a group of `size` elements, of which
// there are `parts` to a group.
KERNEL(blocks_count, u32* __restrict__ kept, const u32* __restrict__ words, i32 size, i32 parts, i32 threads) {
  i64 k = index();
  if (k >= threads) return;
  i32 g = (i32)k / parts;
  i64 end = (i64)(g + 1) * size, e = (i64)g * size + (k - (i64)g * parts) * 1024;
  u32 n = 0;
  if (end > e + 1024) end = e + 1024;
  while (e < end) {
    int r = (int)(e % 32), length = end - e < 32 - r ? (int)(end - e) : 32 - r;
    n += (u32)__builtin_popcount(~words[e / 32] >> r << (32 - length));
    e += length;
  }
  if (n) atomic_add(kept + g, n);
}

// The factor of a group is the number of its elements over that of those kept.
KERNEL(blocks_factor, float* __restrict__ factors, const u32* __restrict__ kept, i32 size, i32 groups) {
  i64 g = index();
  if (g < groups) factors[g] = kept[g] ? (float)((double)size / kept[g]) : 0;
}

// y is x times the factor of its group, and 0 where it is dropped.
KERNEL(blocks_apply, float* __restrict__ y, const float* __restrict__ x, const u32* __restrict__ words, const float* __restrict__ factors,
       u64 size, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  u32 word = words[e / 32] >> (e % 32);
  f32x4 v = load4(x, e, n);
  for (int i = 0; i < 4 && e + i < n; i++) v[i] = word >> i & 1 ? 0 : v[i] * factors[divide((u32)(e + i), size)];
  store4(y, e, n, v);
}

// k is the factor itself.
KERNEL(blocks_cells, float* __restrict__ k, const u32* __restrict__ words, const float* __restrict__ factors, u64 size, i32 n) {
  i64 e = index();
  if (e < n) k[e] = words[e / 32] >> (e % 32) & 1 ? 0 : factors[divide((u32)e, size)];
}
