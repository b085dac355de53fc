// Losses of each element by itself: functions of d = x-t, even in d. The order of the
// operations is that of the CPU, and so are the results, to the bit.
#include "device.h"

DEVICE float magnitude(float d) { return of_bits(bits(d) & 0x7fffffffu); }

KERNEL(squared_error, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ t, i32 n) {
  i64 i = index();
  if (i >= n) return;
  float d = x[i] - t[i];
  y[i] = d * d;
}

KERNEL(squared_error_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ t, const float* __restrict__ dy, i32 n) {
  i64 i = index();
  if (i < n) dx[i] = 2 * (x[i] - t[i]) * dy[i];
}

KERNEL(abs_error, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ t, i32 n) {
  i64 i = index();
  if (i < n) y[i] = magnitude(x[i] - t[i]);
}

KERNEL(abs_error_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ t, const float* __restrict__ dy, i32 n) {
  i64 i = index();
  if (i >= n) return;
  float sign = x[i] > t[i] ? 1 : x[i] < t[i] ? -1 : 0;
  dx[i] = sign * dy[i];
}

// NaN is not larger than delta, and stays.
KERNEL(huber, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ t, float delta, i32 n) {
  i64 i = index();
  if (i >= n) return;
  float d = magnitude(x[i] - t[i]), near = d > delta ? delta : d;
  y[i] = near * (d - near / 2);
}

KERNEL(huber_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ t, const float* __restrict__ dy, float delta, i32 n) {
  i64 i = index();
  if (i >= n) return;
  float d = x[i] - t[i];
  dx[i] = (d > delta ? delta : d < -delta ? -delta : d) * dy[i];
}
