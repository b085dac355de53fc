// Kernels of one element after another, four to a thread: y = f(x) and y = f(a, b).
#pragma once
#include "four.h"

template <class F>
DEVICE void each(float* y, const float* x, i32 n, F f) {
  i64 e = 4 * index();
  if (e >= n) return;
  f32x4 v = load4(x, e, n);
#pragma unroll
  for (int i = 0; i < 4; i++) v[i] = f(v[i]);
  store4(y, e, n, v);
}

template <class F>
DEVICE void each(float* y, const float* a, const float* b, i32 n, F f) {
  i64 e = 4 * index();
  if (e >= n) return;
  f32x4 v = load4(a, e, n), w = load4(b, e, n);
#pragma unroll
  for (int i = 0; i < 4; i++) v[i] = f(v[i], w[i]);
  store4(y, e, n, v);
}
