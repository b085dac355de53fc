// What the CPU computes in single precision too, bit for bit.
#include "each.h"

// NaN stays, as on the CPU.
KERNEL(relu, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  each(y, x, n, [](float v) { return v > 0 || v != v ? v : 0.0f; });
}

KERNEL(relu_grad, float* __restrict__ dx, const float* __restrict__ y, const float* __restrict__ dy, i32 n) {
  each(dx, y, dy, n, [](float v, float d) { return v > 0 || v != v ? d : 0.0f; });
}

KERNEL(leaky_relu, float* __restrict__ y, const float* __restrict__ x, float slope, i32 n) {
  each(y, x, n, [=](float v) { return v > 0 ? v : slope * v; });
}

KERNEL(leaky_relu_grad, float* __restrict__ dx, const float* __restrict__ x, const float* __restrict__ dy, float slope, i32 n) {
  each(dx, x, dy, n, [=](float v, float d) { return v > 0 ? d : slope * d; });
}

KERNEL(add, float* y, const float* a, const float* b, i32 n) {
  each(y, a, b, n, [](float v, float w) { return v + w; });
}

KERNEL(mul, float* y, const float* a, const float* b, i32 n) {
  each(y, a, b, n, [](float v, float w) { return v * w; });
}

// Terms of a sum, up to four at a time, in order: y = ((a + b) + c) + d. y may be a.
KERNEL(add3, float* y, const float* a, const float* b, const float* c, i32 n) {
  i64 e = 4 * index();
  if (e < n) store4(y, e, n, load4(a, e, n) + load4(b, e, n) + load4(c, e, n));
}

KERNEL(add4, float* y, const float* a, const float* b, const float* c, const float* d, i32 n) {
  i64 e = 4 * index();
  if (e < n) store4(y, e, n, load4(a, e, n) + load4(b, e, n) + load4(c, e, n) + load4(d, e, n));
}
