// A number for each channel: added to all elements of it, or the sum of them.
#include "divide.h"
#include "reduce.h"
#include "walk.h"

// bias adds b[c] to the elements of channel c, of so many channels, and with relu keeps what
// is positive, or NaN. The layout is as in divide.h.
KERNEL(bias, float* y, const float* __restrict__ b, i32 n, u64 inner, u64 channels, i32 count, i32 relu) {
  i64 i = index();
  if (i >= n) return;
  float v = y[i] + b[group((u32)i, inner, channels, count)];
  y[i] = relu && v <= 0 ? 0 : v;
}

// Four sums at a time, so that four loads are on their way.
DEVICE float sum_of_thread(Walk w, const float* x) {
  float s[4] = {};
  while (w.left >= 4) {
    float v[4];
    for (int j = 0; j < 4; j++) v[j] = x[w.at], advance(w);
    for (int j = 0; j < 4; j++) s[j] += v[j];
  }
  for (; w.left > 0; advance(w)) s[0] += x[w.at];
  return (s[0] + s[1]) + (s[2] + s[3]);
}

// A block takes a share of the elements of one channel.
KERNEL_SYNC(channel_sum, float* __restrict__ y, float* __restrict__ partial, const float* __restrict__ x, i32 outer,
            i32 channels, i32 inner, i32 splits, i32 share) {
  i32 k = BID / splits, from = BID % splits * share, count = outer * inner;
  float s = block_sum(sum_of_thread(walk(from, count - from < share ? count : from + share, k, channels, inner), x));
  if (TID == 0) (splits == 1 ? y : partial)[BID] = s;
}

// A block of 32 by 8 takes a share of the rows of 32 channels.
KERNEL_SYNC(channel_sum_columns, float* __restrict__ y, float* __restrict__ partial, const float* __restrict__ x, i32 rows,
            i32 channels, i32 splits, i32 share) {
  SHARED float sums[8][32];
  i32 split = BID % splits, c = BID / splits * 32 + TID, from = split * share;
  sums[TIDY][TID] = sum_of_thread(walk_column(from, rows - from < share ? rows : from + share, c, channels), x);
  SYNC();
  if (TIDY > 0 || c >= channels) return;
  float s = sums[0][TID];
  for (int k = 1; k < 8; k++) s += sums[k][TID];
  (splits == 1 ? y : partial)[(i64)c * splits + split] = s;
}

// A warp adds up the shares of a channel.
KERNEL_SYNC(channel_sum_join, float* __restrict__ y, const float* __restrict__ partial, i32 splits) {
  float s = 0;
  for (i32 k = TID; k < splits; k += 32) s += partial[(i64)BID * splits + k];
  s = warp_sum(s);
  if (TID == 0) y[BID] = s;
}
