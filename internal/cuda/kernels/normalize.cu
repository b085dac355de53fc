// Normalisation, and its gradient by x from sums that are there. The layout `of` is that of
// the statistics, `affine` that of gamma and beta.
#include "norm.h"

#define LAYOUTS i32 options, float eps, float rest, u64 of_inner, u64 of_groups, i32 of, u64 affine_inner, u64 affine_groups, i32 affine

DEVICE float normal(Map m, float x, i32 options) {
  float y = apply(m, x);
  return options & RELU && y <= 0 ? 0 : y;
}

KERNEL(normalize, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ stats, const float* __restrict__ gamma, const float* __restrict__ beta, i32 n, LAYOUTS) {
  i64 e = index();
  if (e >= n) return;
  i32 g = group(e, of_inner, of_groups, of), c = group(e, affine_inner, affine_groups, affine);
  Map m = {stats[g], rstd(stats[of + g], eps, rest) * gamma[c], beta[c]};
  y[e] = normal(m, x[e], options);
}

// The same for four neighbours of one group of the statistics. From one to the next, the
// group of gamma moves on by `next`, 0 or 1.
KERNEL(normalize_four, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ stats, const float* __restrict__ gamma, const float* __restrict__ beta, i32 n, i32 next, LAYOUTS) {
  i64 e = 4 * index();
  if (e >= n) return;
  i32 g = group(e, of_inner, of_groups, of), c = group(e, affine_inner, affine_groups, affine);
  float mean = stats[g], r = rstd(stats[of + g], eps, rest);
  f32x4 v = *(const f32x4*)(x + e);
  for (int k = 0; k < 4; k++) {
    i32 j = c + k * next;
    v[k] = normal({mean, r * gamma[j], beta[j]}, v[k], options);
  }
  *(f32x4*)(y + e) = v;
}

// slope_of takes the sums of dy and of dy·(x-mean)·rstd over a group, which are as many
// elements as `part` is the reciprocal of.
DEVICE Slope slope_of(Map m, float r, const float* sums, i32 g, i32 groups, float part, i32 options) {
  Slope s = {m, 0, 0};
  if (options & CONSTANT) return s;
  float a = options & WEIGHTED ? r : m.a;
  s.p = -a * r * sums[groups + g] * part;
  s.q = -a * sums[g] * part;
  return s;
}

KERNEL(normalize_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ stats, const float* __restrict__ gamma, const float* __restrict__ beta, const float* __restrict__ dy, const float* __restrict__ sums, float part, i32 n, LAYOUTS) {
  i64 e = index();
  if (e >= n) return;
  i32 g = group(e, of_inner, of_groups, of), c = group(e, affine_inner, affine_groups, affine);
  float r = rstd(stats[of + g], eps, rest);
  Map m = {stats[g], r * gamma[c], beta[c]};
  dx[e] = gradient(slope_of(m, r, sums, g, of, part, options), x[e], dy[e], options);
}

KERNEL(normalize_grad_four, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ stats, const float* __restrict__ gamma, const float* __restrict__ beta, const float* __restrict__ dy, const float* __restrict__ sums, float part, i32 n, i32 next, LAYOUTS) {
  i64 e = 4 * index();
  if (e >= n) return;
  i32 g = group(e, of_inner, of_groups, of), c = group(e, affine_inner, affine_groups, affine);
  float mean = stats[g], r = rstd(stats[of + g], eps, rest);
  f32x4 v = *(const f32x4*)(x + e), d = *(const f32x4*)(dy + e);
  for (int k = 0; k < 4; k++) {
    i32 j = c + k * next;
    Map m = {mean, r * gamma[j], beta[j]};
    v[k] = gradient(slope_of(m, r, sums, g, of, part, options), v[k], d[k], options);
  }
  *(f32x4*)(dx + e) = v;
}

// norm_scale is the reciprocal standard deviation of each group.
KERNEL(norm_scale, float* __restrict__ r, const float* __restrict__ stats, i32 groups, float eps, float rest) {
  i64 g = index();
  if (g < groups) r[g] = rstd(stats[groups + g], eps, rest);
}

// ghost_total adds a row up over the virtual batches, each of which has two.
KERNEL(ghost_total, float* __restrict__ y, const float* __restrict__ sums, i32 row, i32 parts, i32 channels) {
  i64 c = index();
  if (c >= channels) return;
  float total = 0;
  for (i32 k = 0; k < parts; k++) total += sums[(2 * (i64)k + row) * channels + c];
  y[c] = total;
}
