// Mean and biased variance of the groups of a layout.
//
// Numbers are taken relative to the first of their group, and blocks of them are merged by
// the formula of Chan, Golub, LeVeque, Updating Formulae and a Pairwise Algorithm for
// Computing Sample Variances, COMPSTAT 1982: neither a large mean nor an outlier cancels
// the variance.
#include "walk.h"

// Moments of n numbers: their mean, and the sum of the squared deviations from it.
struct Moments {
  float n, mean, m2;
};

DEVICE Moments merge(Moments a, Moments b) {
  float n = a.n + b.n, share = n > 0 ? b.n / n : 0, d = b.mean - a.mean;
  return {n, a.mean + d * share, a.m2 + b.m2 + d * d * a.n * share};
}

// next takes n elements, at most 8.
DEVICE Moments next(Walk& w, i32 n, const float* x, float shift) {
  float v[8], sum = 0, m2 = 0;
  for (int k = 0; k < 8; k++) {
    v[k] = k < n ? x[w.at] - shift : 0;
    sum += v[k];
    advance(w);
  }
  float mean = sum / (float)n;
  for (int k = 0; k < 8; k++) {
    float d = k < n ? v[k] - mean : 0;
    m2 += d * d;
  }
  return {(float)n, mean, m2};
}

DEVICE Moments of_thread(Walk w, const float* x, float shift) {
  Moments m = {0, 0, 0};
  while (w.left >= 8) m = merge(m, next(w, 8, x, shift));
  return w.left > 0 ? merge(m, next(w, w.left, x, shift)) : m;
}

// The order of the two is that of their threads, so that all threads get the same.
DEVICE Moments of_warp(Moments m) {
  for (int mask = 16; mask; mask >>= 1) {
    Moments o = {shuffle_xor(m.n, mask), shuffle_xor(m.mean, mask), shuffle_xor(m.m2, mask)};
    bool second = TID & mask;
    m = merge(second ? o : m, second ? m : o);
  }
  return m;
}

DEVICE void store(float* stats, i32 g, i32 groups, Moments m, float shift) {
  stats[g] = shift + m.mean;
  stats[groups + g] = m.m2 / m.n;
}

// A block takes a share of the elements of one group. It stores the moments if that is all
// of them, else what moments_join merges.
KERNEL_SYNC(moments, float* __restrict__ stats, float* __restrict__ partial, const float* __restrict__ x, i32 outer, i32 groups, i32 inner, i32 splits, i32 share) {
  SHARED float n[8], mean[8], m2[8];
  i32 g = BID / splits, from = BID % splits * share, count = outer * inner;
  float shift = x[(i64)g * inner];
  i32 to = count - from < share ? count : from + share;
  Moments m = of_warp(of_thread(walk(from, to, g, groups, inner), x, shift));
  u32 warp = TID / 32, lane = TID % 32;
  if (lane == 0) n[warp] = m.n, mean[warp] = m.mean, m2[warp] = m.m2;
  SYNC();
  if (TID > 0) return;
  for (u32 k = 1; k < BDIM / 32; k++) m = merge(m, {n[k], mean[k], m2[k]});
  if (splits == 1) {
    store(stats, g, groups, m, shift);
  } else {
    partial[3 * (i64)BID] = m.n, partial[3 * (i64)BID + 1] = m.mean, partial[3 * (i64)BID + 2] = m.m2;
  }
}

// A block of 32 by 8 takes a share of the rows of 32 columns.
KERNEL_SYNC(moments_columns, float* __restrict__ stats, float* __restrict__ partial, const float* __restrict__ x, i32 rows, i32 columns, i32 splits, i32 share) {
  SHARED float n[8][32], mean[8][32], m2[8][32];
  i32 split = BID % splits, c = BID / splits * 32 + TID, from = split * share;
  float shift = c < columns ? x[c] : 0;
  i32 to = rows - from < share ? rows : from + share;
  Moments m = of_thread(walk_column(from, to, c, columns), x, shift);
  n[TIDY][TID] = m.n, mean[TIDY][TID] = m.mean, m2[TIDY][TID] = m.m2;
  SYNC();
  if (TIDY > 0 || c >= columns) return;
  for (int k = 1; k < 8; k++) m = merge(m, {n[k][TID], mean[k][TID], m2[k][TID]});
  if (splits == 1) {
    store(stats, c, columns, m, shift);
  } else {
    i64 p = (i64)c * splits + split;
    partial[3 * p] = m.n, partial[3 * p + 1] = m.mean, partial[3 * p + 2] = m.m2;
  }
}

// A warp merges the shares of a group.
KERNEL_SYNC(moments_join, float* __restrict__ stats, const float* __restrict__ partial, const float* __restrict__ x, i32 groups, i32 inner, i32 splits) {
  i32 g = BID;
  Moments m = {0, 0, 0};
  for (i32 s = TID; s < splits; s += 32) {
    const float* p = partial + 3 * ((i64)g * splits + s);
    m = merge(m, {p[0], p[1], p[2]});
  }
  m = of_warp(m);
  if (TID == 0) store(stats, g, groups, m, x[(i64)g * inner]);
}
