// Sums of h and of h·(x-mean)·rstd over the groups of a layout: the gradients of beta and
// gamma, and what the gradient of x needs. h is dy, behind a ReLU that of the positive y.
#include "norm.h"
#include "reduce.h"
#include "walk.h"

// What the groups of a sum are:
enum {
  BATCH, // those of the statistics and of gamma,
  GAMMA, // those of gamma: the other layout is that of the statistics, whose rstd are given,
  STATS, // those of the statistics: the other layout is that of gamma, which weighs h.
};

struct Sums {
  float h, dot;
};

#define INPUTS const float *__restrict__ x, const float *__restrict__ stats, const float *__restrict__ scale, const float *__restrict__ gamma, const float *__restrict__ beta, const float *__restrict__ dy
#define OTHER i32 options, float eps, float rest, u64 other_inner, u64 other_groups, i32 other

template <int KIND>
DEVICE Sums of_thread(Walk w, i32 k, i32 groups, INPUTS, OTHER) {
  Sums s = {0, 0};
  if (w.left <= 0) return s;
  Map m = {0, 0, 1}; // without a ReLU all is passed
  float r = 1, weight = 1;
  if (KIND != GAMMA) m.mean = stats[k], r = rstd(stats[groups + k], eps, rest);
  if (KIND == BATCH && options & RELU) m.a = r * gamma[k % other], m.b = beta[k % other];
  auto take = [&](int n) { // several, so that several loads are on their way
    float v[4], h[4];
    u32 at[4];
    for (int j = 0; j < n; j++) {
      at[j] = w.at;
      v[j] = x[w.at];
      h[j] = dy[w.at];
      advance(w);
    }
    for (int j = 0; j < n; j++) {
      if (KIND == GAMMA) {
        i32 g = group(at[j], other_inner, other_groups, other);
        m.mean = stats[g], r = scale[g];
        if (options & RELU) m.a = r * gamma[k], m.b = beta[k];
      } else if (KIND == STATS) {
        i32 c = group(at[j], other_inner, other_groups, other);
        weight = gamma[c];
        if (options & RELU) m.a = r * weight, m.b = beta[c];
      }
      float d = passed(m, v[j], h[j]) * weight;
      s.h += d;
      s.dot += d * ((v[j] - m.mean) * r);
    }
  };
  while (w.left >= 4) take(4);
  while (w.left > 0) take(1);
  return s;
}

// A block takes a share of the elements of one group. It stores the sums if that is all of
// them, else what norm_sums_join adds up.
template <int KIND>
DEVICE void of_groups(float* sums, float* partial, INPUTS, i32 outer, i32 groups, i32 inner, i32 splits, i32 share, OTHER) {
  i32 k = BID / splits, from = BID % splits * share, count = outer * inner;
  i32 to = count - from < share ? count : from + share;
  Sums s = of_thread<KIND>(walk(from, to, k, groups, inner), k, groups, x, stats, scale, gamma, beta, dy, options, eps, rest, other_inner, other_groups, other);
  s.h = block_sum(s.h), s.dot = block_sum(s.dot);
  if (TID > 0) return;
  if (splits == 1) {
    sums[k] = s.h, sums[groups + k] = s.dot;
  } else {
    partial[2 * (i64)BID] = s.h, partial[2 * (i64)BID + 1] = s.dot;
  }
}

// A block of 32 by 8 takes a share of the rows of 32 columns.
template <int KIND>
DEVICE void of_columns(float* sums, float* partial, INPUTS, i32 rows, i32 columns, i32 splits, i32 share, OTHER) {
  SHARED float h[8][32], dot[8][32];
  i32 split = BID % splits, c = BID / splits * 32 + TID, from = split * share;
  i32 to = rows - from < share ? rows : from + share;
  Sums s = of_thread<KIND>(walk_column(from, to, c, columns), c, columns, x, stats, scale, gamma, beta, dy, options, eps, rest, other_inner, other_groups, other);
  h[TIDY][TID] = s.h, dot[TIDY][TID] = s.dot;
  SYNC();
  if (TIDY > 0 || c >= columns) return;
  for (int k = 1; k < 8; k++) s.h += h[k][TID], s.dot += dot[k][TID];
  if (splits == 1) {
    sums[c] = s.h, sums[columns + c] = s.dot;
  } else {
    i64 p = (i64)c * splits + split;
    partial[2 * p] = s.h, partial[2 * p + 1] = s.dot;
  }
}

#define OF_GROUPS(name, KIND)                                                                                                                        \
  KERNEL_SYNC(name, float* __restrict__ sums, float* __restrict__ partial, INPUTS, i32 outer, i32 groups, i32 inner, i32 splits, i32 share, OTHER) { \
    of_groups<KIND>(sums, partial, x, stats, scale, gamma, beta, dy, outer, groups, inner, splits, share, options, eps, rest, other_inner, other_groups, other); \
  }
#define OF_COLUMNS(name, KIND)                                                                                                            \
  KERNEL_SYNC(name, float* __restrict__ sums, float* __restrict__ partial, INPUTS, i32 rows, i32 columns, i32 splits, i32 share, OTHER) { \
    of_columns<KIND>(sums, partial, x, stats, scale, gamma, beta, dy, rows, columns, splits, share, options, eps, rest, other_inner, other_groups, other); \
  }

OF_GROUPS(norm_sums_batch, BATCH)
OF_GROUPS(norm_sums_gamma, GAMMA)
OF_GROUPS(norm_sums_stats, STATS)
OF_COLUMNS(norm_sums_batch_columns, BATCH)
OF_COLUMNS(norm_sums_gamma_columns, GAMMA)

// A warp adds up the shares of a group.
KERNEL_SYNC(norm_sums_join, float* __restrict__ sums, const float* __restrict__ partial, i32 groups, i32 splits) {
  Sums s = {0, 0};
  for (i32 k = TID; k < splits; k += 32) {
    const float* p = partial + 2 * ((i64)BID * splits + k);
    s.h += p[0], s.dot += p[1];
  }
  s.h = warp_sum(s.h), s.dot = warp_sum(s.dot);
  if (TID == 0) sums[BID] = s.h, sums[groups + BID] = s.dot;
}

// The gradient of x where a group is a row of neighbours that one block takes: it finds most
// of what it reads again in the cache.
KERNEL_SYNC(normalize_grad_rows, float* __restrict__ dx, INPUTS, i32 groups, i32 inner, float part, OTHER) {
  i32 k = BID;
  Sums s = of_thread<STATS>(walk(0, inner, k, groups, inner), k, groups, x, stats, scale, gamma, beta, dy, options, eps, rest, other_inner, other_groups, other);
  s.h = block_sum(s.h), s.dot = block_sum(s.dot);
  float r = rstd(stats[groups + k], eps, rest);
  Slope slope = {{stats[k], 0, 0}, -r * r * s.dot * part, -r * s.h * part};
  for (i32 i = TID; i < inner; i += BDIM) {
    i64 e = (i64)k * inner + i;
    i32 c = group((u32)e, other_inner, other_groups, other);
    slope.map.a = r * gamma[c], slope.map.b = beta[c];
    dx[e] = gradient(slope, x[e], dy[e], options);
  }
}
