// Linear maps that drop other weights for each row of their input, see
// internal/kernel/drop_connect.go: unit k, counting those of all rows, draws in blocks of 8
// weights, and its bias is the weight after the last.
#include "philox.h"
#include "reduce.h"

DEVICE u64 unit_block(i64 k, i32 in) { return (u64)k * (u64)(in / 8 + 1); }

// kept tells whether weight i of 8 is kept.
DEVICE bool kept(const Block128& b, i32 i, u32 threshold) {
  u32 word = i < 4 ? (i < 2 ? b.x : b.y) : i < 6 ? b.z : b.w;
  return (word >> (i & 1) * 16 & 0xffff) >= threshold;
}

// A warp computes one element.
KERNEL_SYNC(drop_connect, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ w,
            const float* __restrict__ bias, i32 biased, const u32* __restrict__ draws, i32 n, i32 out, i32 in) {
  i64 k = (i64)BID * BDIMY + TIDY;
  Mask m = mask_of(draws);
  i32 r = k / out, o = k % out;
  float sum = 0;
  if (k < n)
    for (i32 j = TID; j <= in / 8; j += 32) {
      Block128 b = philox_block(m.stream, unit_block(k, in) + j);
      for (i32 i = 0; i < 8; i++) {
        i32 at = 8 * j + i;
        if (at > in || !kept(b, i, m.threshold)) continue;
        if (at < in) sum = fma32(w[(i64)o * in + at] * m.scale, x[(i64)r * in + at], sum);
        else if (biased) sum += m.scale * bias[o];
      }
    }
  sum = warp_sum(sum);
  if (TID == 0 && k < n) y[k] = sum;
}

// Element i of 8, the gradients of x or of w: a sum over the units that have one weight, or
// over the rows.
DEVICE void sums_of_eight(float* to, const float* dy, const float* other, const Mask& m, i64 unit, i64 next, i32 units, i64 row,
                          i64 next_row, i32 j, i32 in) {
  float sum[8] = {};
  for (i32 k = 0; k < units; k++, unit += next, row += next_row) {
    Block128 b = philox_block(m.stream, unit_block(unit, in) + j);
    float d = m.scale * dy[unit];
    for (i32 i = 0; i < 8; i++)
      if (8 * j + i < in && kept(b, i, m.threshold)) sum[i] += other[row * in + 8 * j + i] * d;
  }
  for (i32 i = 0; i < 8; i++)
    if (8 * j + i < in) to[8 * j + i] = sum[i];
}

KERNEL(drop_connect_grad_x, float* __restrict__ dx, const float* __restrict__ dy, const float* __restrict__ w,
       const u32* __restrict__ draws, i32 rows, i32 out, i32 in) {
  i32 eighths = (in + 7) / 8;
  i64 e = index();
  if (e >= (i64)rows * eighths) return;
  i64 r = e / eighths;
  sums_of_eight(dx + r * in, dy, w, mask_of(draws), r * out, 1, out, 0, 1, e % eighths, in);
}

KERNEL(drop_connect_grad_w, float* __restrict__ dw, const float* __restrict__ dy, const float* __restrict__ x,
       const u32* __restrict__ draws, i32 rows, i32 out, i32 in) {
  i32 eighths = (in + 7) / 8;
  i64 e = index();
  if (e >= (i64)out * eighths) return;
  i64 o = e / eighths;
  sums_of_eight(dw + o * in, dy, x, mask_of(draws), o, out, rows, 0, 1, e % eighths, in);
}

// A warp adds up the gradient of one bias.
KERNEL_SYNC(drop_connect_grad_b, float* __restrict__ db, const float* __restrict__ dy, const u32* __restrict__ draws, i32 rows,
            i32 out, i32 in) {
  Mask m = mask_of(draws);
  float sum = 0;
  for (i32 r = TID; r < rows; r += 32) {
    i64 k = (i64)r * out + BID;
    if (kept(philox_block(m.stream, unit_block(k, in) + in / 8), in % 8, m.threshold)) sum += dy[k];
  }
  sum = warp_sum(sum);
  if (TID == 0) db[BID] = m.scale * sum;
}
