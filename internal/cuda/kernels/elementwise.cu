// Kernels that compute each element by itself.
#include "device.h"

KERNEL(relu, float* __restrict__ y, const float* __restrict__ x, i32 n) {
  i64 i = index();
  if (i < n) y[i] = x[i] > 0 || x[i] != x[i] ? x[i] : 0; // NaN stays, as on the CPU
}
