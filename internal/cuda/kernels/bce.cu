// The binary cross-entropy of sigmoid(x) under targets t, of each element:
//
//	w·t·softplus(-x) + (1-t)·softplus(x),  softplus(z) = max(z, 0) + log(1+exp(-|z|))
//
// No terms of opposite sign are added up, so that the loss of a sure and right answer is
// small and not 0. w is 1, or belongs to the class; a loss may have a weight of its class,
// too.
#include "divide.h"
#include "exp.h"

#define CLASSES const float *__restrict__ pos, i32 positive, const float *__restrict__ weights, i32 weighted, u64 by_inner, u64 by_classes, i32 classes, i32 n

DEVICE float positive_part(float x) { return x < 0 ? 0 : x; } // NaN stays
DEVICE float magnitude(float x) { return of_bits(bits(x) & 0x7fffffffu); }

KERNEL(bce, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ t, CLASSES) {
  i64 i = index();
  if (i >= n) return;
  i32 c = positive || weighted ? group((u32)i, by_inner, by_classes, classes) : 0;
  float w = positive ? pos[c] : 1, v = x[i];
  float tail = log1p32(exp32(-magnitude(v)));
  float loss = w * t[i] * (positive_part(-v) + tail) + (1 - t[i]) * (positive_part(v) + tail);
  y[i] = weighted ? loss * weights[c] : loss;
}

// (1+(w-1)·t)·sigmoid(x) - w·t. For positive x, sigmoid(x) is close to 1 and the difference
// is taken from what is missing.
KERNEL(bce_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ t, const float* __restrict__ dy, CLASSES) {
  i64 i = index();
  if (i >= n) return;
  i32 c = positive || weighted ? group((u32)i, by_inner, by_classes, classes) : 0;
  float w = positive ? pos[c] : 1, v = x[i], e = exp32(-magnitude(v)), rest = e / (1 + e), slope = 1 + (w - 1) * t[i];
  float d = (v > 0 ? (1 - t[i]) - slope * rest : slope * rest - w * t[i]) * dy[i];
  dx[i] = weighted ? d * weights[c] : d;
}

// (w-1)·softplus(-x) - x, the gradient by the target.
KERNEL(bce_target_grad, float* __restrict__ dt, const float* __restrict__ x, const float* __restrict__ dy, CLASSES) {
  i64 i = index();
  if (i >= n) return;
  i32 c = positive || weighted ? group((u32)i, by_inner, by_classes, classes) : 0;
  float v = x[i], d = -v;
  if (positive) d += (pos[c] - 1) * (positive_part(-v) + log1p32(exp32(-magnitude(v))));
  d *= dy[i];
  dt[i] = weighted ? d * weights[c] : d;
}
