// Sums along one axis of (outer, n, inner), in parts of a share of n.
#include "divide.h"
#include "reduce.h"

// A block adds up a share of neighbours; four sums at a time keep as many loads under way.
KERNEL_SYNC(sum_rows, float* __restrict__ y, const float* __restrict__ x, float by, i32 n, i32 parts, i32 share) {
  i32 row = BID / (u32)parts, from = (i32)(BID % (u32)parts) * share;
  i32 to = n - from < share ? n : from + share;
  const float* line = x + (i64)row * n;
  float sum[4] = {0, 0, 0, 0};
  i32 step = BDIM, i = from + TID;
  for (; i < to - 3 * step; i += 4 * step)
#pragma unroll
    for (int k = 0; k < 4; k++) sum[k] += line[i + k * step];
  for (; i < to; i += step) sum[0] += line[i];
  float total = block_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
  if (TID == 0) y[BID] = total / by;
}

// A thread adds up a share of one column; neighbours read neighbours.
KERNEL(sum_columns, float* __restrict__ y, const float* __restrict__ x, float by, i32 total, i32 n, u64 by_inner, i32 inner, u64 by_parts, i32 parts, i32 share) {
  i64 e = index();
  if (e >= total) return;
  u32 row = divide((u32)e, by_inner), o = divide(row, by_parts);
  i32 from = (i32)(row - o * (u32)parts) * share, to = n - from < share ? n : from + share;
  const float* at = x + ((i64)o * n + from) * inner + ((u32)e - row * (u32)inner);
  float sum[4] = {0, 0, 0, 0};
  i32 j = from;
  for (; j < to - 3; j += 4)
#pragma unroll
    for (int k = 0; k < 4; k++, at += inner) sum[k] += *at;
  for (; j < to; j++, at += inner) sum[0] += *at;
  y[e] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / by;
}
