// The negative log-likelihood of log-probabilities of shape (outer, classes, inner) under
// targets of shape (outer, inner).
#include "divide.h"
#include "reduce.h"

// What the kernels have in common: the targets, what is ignored, and perhaps a weight for
// each class.
#define TARGETS const i64 *__restrict__ target, u64 *report, i64 ignore, i32 classes, const float *__restrict__ weights, i32 weighted

// class_of returns the class of position p, or -1 where the target is ignored or, which is
// reported, none.
DEVICE i32 class_of(i32 p, const i64* target, u64* report, i64 ignore, i32 classes) {
  i64 t = target[p];
  if (t == ignore) return -1;
  if (t >= 0 && t < classes) return (i32)t;
  fault(report, p, t > 0x7fffffff ? 0x7fffffff : t < -0x7fffffff ? -0x7fffffff : (i32)t);
  return -1;
}

DEVICE float weight_of(i32 c, const float* weights, i32 weighted) { return weighted ? weights[c] : 1; }

// The loss of the target, and of all classes that the target is smoothed over: own is
// 1-smoothing, and every smoothing/classes. Without smoothing the sum must not enter: 0·Inf
// is NaN.
DEVICE float smoothed(float loss, float sum, float own, float every) { return every == 0 ? own * loss : own * loss + every * sum; }

KERNEL(nll_losses, float* __restrict__ losses, const float* __restrict__ logp, float own, float every, i32 inner, i32 n, TARGETS) {
  i32 p = (i32)index();
  if (p >= n) return;
  i32 t = class_of(p, target, report, ignore, classes);
  const float* x = logp + (i64)(p / inner) * classes * inner + p % inner;
  float sum = 0;
  if (t >= 0 && every != 0) {
    for (i32 c = 0; c < classes; c++) sum -= weight_of(c, weights, weighted) * x[(i64)c * inner];
  }
  losses[p] = t < 0 ? 0 : smoothed(-weight_of(t, weights, weighted) * x[(i64)t * inner], sum, own, every);
}

// With smoothing and classes that are neighbours, a warp takes a position; blocks are 32 by 8.
KERNEL_SYNC(nll_losses_warps, float* __restrict__ losses, const float* __restrict__ logp, float own, float every, i32 n, TARGETS) {
  i64 p = (i64)BID * BDIMY + TIDY;
  const float* x = logp + p * classes;
  float sum = 0;
  for (i32 c = TID; c < (p < n ? classes : 0); c += 32) sum -= weight_of(c, weights, weighted) * x[c];
  sum = warp_sum(sum);
  if (TID > 0 || p >= n) return;
  i32 t = class_of((i32)p, target, report, ignore, classes);
  losses[p] = t < 0 ? 0 : smoothed(-weight_of(t, weights, weighted) * x[t], sum, own, every);
}

KERNEL(nll_grad, float* __restrict__ dlogp, const float* __restrict__ dlosses, float own, float every, u64 by_inner, u64 by_classes, i32 inner, i32 n, TARGETS) {
  i64 e = index();
  if (e >= n) return;
  u32 row = divide((u32)e, by_inner), o = divide(row, by_classes);
  i32 c = row - o * classes, p = o * inner + ((u32)e - row * inner);
  i32 t = class_of(p, target, report, ignore, classes);
  float dy = -dlosses[p], spread = every == 0 ? 0 : dy * every;
  float d = c == t ? spread + own * dy : spread;
  dlogp[e] = t < 0 ? 0 : d * weight_of(c, weights, weighted);
}

struct Sums {
  float loss, weight;
};

// sums are those of the losses and of the weights of positions [from, to), in all threads.
template <bool LOSSES>
DEVICE Sums sums_of(const float* losses, i32 from, i32 to, TARGETS) {
  Sums s = {0, 0};
  for (i32 p = from + (i32)TID; p < to; p += BDIM) {
    i32 t = class_of(p, target, report, ignore, classes);
    if (LOSSES) s.loss += losses[p];
    if (t >= 0) s.weight += weight_of(t, weights, weighted);
  }
  if (LOSSES) s.loss = block_sum(s.loss);
  s.weight = block_sum(s.weight);
  return s;
}

DEVICE i32 end_of(i32 from, i32 share, i32 n) { return n - from < share ? n : from + share; }

// nll_mean is the sum of the losses over that of the weights. A block takes a share of the
// positions; if that is not all of them, nll_mean_join divides the sums of the shares.
KERNEL_SYNC(nll_mean, float* __restrict__ y, float* __restrict__ parts, const float* __restrict__ losses, i32 share, i32 n, TARGETS) {
  i32 from = (i32)BID * share;
  Sums s = sums_of<true>(losses, from, end_of(from, share, n), target, report, ignore, classes, weights, weighted);
  if (TID > 0) return;
  if (GDIM == 1) {
    y[0] = s.loss / s.weight;
  } else {
    parts[BID] = s.loss, parts[GDIM + BID] = s.weight;
  }
}

DEVICE float total(const float* parts, i32 count) {
  float s = 0;
  for (i32 i = TID; i < count; i += BDIM) s += parts[i];
  return block_sum(s);
}

KERNEL_SYNC(nll_mean_join, float* __restrict__ y, const float* __restrict__ parts, i32 count) {
  float loss = total(parts, count), weight = total(parts + count, count);
  if (TID == 0) y[0] = loss / weight;
}

KERNEL_SYNC(nll_weights, float* __restrict__ parts, i32 share, i32 n, TARGETS) {
  i32 from = (i32)BID * share;
  Sums s = sums_of<false>(nullptr, from, end_of(from, share, n), target, report, ignore, classes, weights, weighted);
  if (TID == 0) parts[BID] = s.weight;
}

// nll_mean_grad is dy over the sum of the weights, in every element. Each block takes the
// sum by itself: of the parts or, without any, of all positions.
KERNEL_SYNC(nll_mean_grad, float* __restrict__ dlosses, const float* __restrict__ dy, const float* __restrict__ parts, i32 count, i32 n, TARGETS) {
  float weight = count > 0 ? total(parts, count) : sums_of<false>(nullptr, 0, n, target, report, ignore, classes, weights, weighted).weight;
  i64 i = index();
  if (i < n) dlosses[i] = dy[0] / weight;
}
