// The cross-entropy of log-probabilities under a target of probabilities t, along the middle
// axis of (outer, n, inner): -Σ_c w[c]·(slope·t[c] + floor)·logp[c].
#include "divide.h"
#include "reduce.h"

DEVICE float weight_of(i32 c, const float* weights, i32 weighted) { return weighted ? weights[c] : 1; }

KERNEL(soft_nll_strided, float* __restrict__ y, const float* __restrict__ logp, const float* __restrict__ t, float slope, float floor, const float* __restrict__ weights, i32 weighted, i32 lines, i32 n, i32 inner) {
  i64 p = index();
  if (p >= lines) return;
  i64 e = p / inner * n * inner + p % inner;
  float loss = 0;
  for (i32 c = 0; c < n; c++, e += inner) loss -= weight_of(c, weights, weighted) * (slope * t[e] + floor) * logp[e];
  y[p] = loss;
}

// A warp takes a line of neighbours; blocks are 32 by 8.
KERNEL_SYNC(soft_nll_warps, float* __restrict__ y, const float* __restrict__ logp, const float* __restrict__ t, float slope, float floor, const float* __restrict__ weights, i32 weighted, i32 lines, i32 n) {
  i64 p = (i64)BID * BDIMY + TIDY, e = p * n;
  float loss = 0;
  for (i32 c = TID; c < (p < lines ? n : 0); c += 32) loss -= weight_of(c, weights, weighted) * (slope * t[e + c] + floor) * logp[e + c];
  loss = warp_sum(loss);
  if (TID == 0 && p < lines) y[p] = loss;
}

// The gradient by one factor of the products, given the other.
KERNEL(soft_nll_grad, float* __restrict__ dx, const float* __restrict__ other, const float* __restrict__ dy, float slope, float floor, const float* __restrict__ weights, i32 weighted, u64 by_inner, u64 by_n, i32 n, i32 inner, i32 size) {
  i64 e = index();
  if (e >= size) return;
  u32 row = divide((u32)e, by_inner), o = divide(row, by_n);
  i32 p = o * inner + ((u32)e - row * inner);
  dx[e] = -weight_of(row - o * n, weights, weighted) * (slope * other[e] + floor) * dy[p];
}
