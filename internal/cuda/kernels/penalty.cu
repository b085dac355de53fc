// Penalties of weights, and bounds of their norms. Sums are of doubles, as on the CPU, where
// squares neither overflow nor vanish; weights are few beside activations.
#include "four.h"
#include "tree.h"

// A block adds up a share of |w|, or of w² if `squares`.
KERNEL_SYNC(penalty_parts, double* __restrict__ parts, const float* __restrict__ w, i32 squares, i32 share, i32 n) {
  i64 e = (i64)BID * share + 4 * (i64)TID, end = (i64)(BID + 1) * share < n ? (i64)(BID + 1) * share : n;
  double sum = 0;
  for (; e < end; e += 4 * (i64)BDIM) {
    f32x4 v = load4(w, e, n);
    for (int i = 0; i < 4; i++) sum += squares ? (double)v[i] * v[i] : v[i] < 0 ? -(double)v[i] : (double)v[i];
  }
  sum = tree_sum(sum);
  if (TID == 0) parts[BID] = sum;
}

// One block adds up the parts, and multiplies.
KERNEL_SYNC(penalty, float* __restrict__ y, const double* __restrict__ parts, double factor, i32 n) {
  double sum = 0;
  for (i32 i = (i32)TID; i < n; i += (i32)BDIM) sum += parts[i];
  sum = tree_sum(sum);
  if (TID == 0) y[0] = (float)(factor * sum);
}

// dw is w times a factor and the gradient dy of a scalar.
KERNEL(penalty_scale, float* __restrict__ dw, const float* __restrict__ w, const float* __restrict__ dy, double factor, i32 n) {
  i64 e = 4 * index();
  if (e < n) store4(dw, e, n, load4(w, e, n) * (float)(factor * dy[0]));
}

// dw is the same of the sign of w, that of 0 and of NaN being 0.
KERNEL(penalty_sign, float* __restrict__ dw, const float* __restrict__ w, const float* __restrict__ dy, double factor, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  float a = (float)(factor * dy[0]);
  f32x4 v = load4(w, e, n);
  for (int i = 0; i < 4; i++) v[i] = v[i] > 0 ? a : v[i] < 0 ? -a : 0;
  store4(dw, e, n, v);
}

// A block scales a row of w whose norm lies outside of bounds to the nearer one.
KERNEL_SYNC(renorm, float* __restrict__ w, double low, double high, i32 cols) {
  w += (i64)BID * cols;
  double sum = 0;
  for (i32 i = (i32)TID; i < cols; i += (i32)BDIM) sum += (double)w[i] * w[i];
  double norm = sqrt64(tree_sum(sum));
  bool above = norm > high, under = norm < low && norm > 0;
  if (!above && !under) return;
  float factor = (float)((above ? high : low) / norm);
  for (i32 i = (i32)TID; i < cols; i += (i32)BDIM) w[i] *= factor;
}
