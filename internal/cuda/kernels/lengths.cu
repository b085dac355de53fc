// Lengths of samples.
#include "divide.h"
#include "reduce.h"

// What is no whole number from 0 to most is reported, by its bits.
KERNEL(lengths_checked, float* __restrict__ y, const float* __restrict__ lengths, float most, u64* report, i32 n) {
  i64 i = index();
  if (i >= n) return;
  float v = lengths[i];
  y[i] = v;
  if (!(v >= 0 && v <= most) || v != (float)(i32)v) fault(report, i, (i32)bits(v));
}

KERNEL(lengths_checked_whole, float* __restrict__ y, const i64* __restrict__ lengths, i64 most, u64* report, i32 n) {
  i64 i = index();
  if (i >= n) return;
  i64 v = lengths[i];
  y[i] = (float)v;
  if (v < 0 || v > most) fault(report, i, v > 0x7fffffff ? 0x7fffffff : v < -0x7fffffff ? -0x7fffffff : (i32)v);
}

// A block finds the last step of a sample that is not pad throughout. NaN is pad if pad is
// NaN. The number of a step is exact in single precision, as is the length.
KERNEL_SYNC(sequence_lengths, float* __restrict__ y, const float* __restrict__ x, float pad, u64 by_width, i32 size) {
  x += (i64)BID * size;
  float last = 0;
  for (i32 e = TID; e < size; e += BDIM) {
    float v = x[e];
    if (v != pad && (v == v || pad == pad)) last = (float)(divide(e, by_width) + 1); // they come in order
  }
  last = block_max(last);
  if (TID == 0) y[BID] = last;
}
