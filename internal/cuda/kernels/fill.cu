// One number in every place, or one of two tensors.
#include "device.h"

// x[0] / by
KERNEL(spread, float* __restrict__ y, const float* __restrict__ x, float by, i32 n) {
  i64 e = index();
  if (e < n) y[e] = x[0] / by;
}

// The words of value, or those of state where the gate is 0.
KERNEL(held, u32* __restrict__ y, const u32* __restrict__ value, const u32* __restrict__ state, const float* __restrict__ gate, i32 n) {
  i64 e = index();
  if (e < n) y[e] = gate[0] == 0 ? state[e] : value[e];
}
