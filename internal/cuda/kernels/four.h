// Four elements at a time: loads and stores of 128 bits, which a warp makes of whole
// lines of memory.
#pragma once
#include "device.h"

// load4 reads the elements from e on, a multiple of 4, of n; 0 for those after the last.
DEVICE f32x4 load4(const float* p, i64 e, i32 n) {
  if (e + 4 <= n) return *(const f32x4*)(p + e);
  f32x4 v = {};
  for (int i = 0; i < 3; i++)
    if (e + i < n) v[i] = p[e + i];
  return v;
}

DEVICE void store4(float* p, i64 e, i32 n, f32x4 v) {
  if (e + 4 <= n) {
    *(f32x4*)(p + e) = v;
    return;
  }
  for (int i = 0; i < 3; i++)
    if (e + i < n) p[e + i] = v[i];
}
