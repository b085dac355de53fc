// Running statistics of batch norm: few numbers, in double precision as on the CPU.
#include "device.h"

KERNEL(increment, i64* __restrict__ y, const i64* __restrict__ x, i32 by) {
  if (index() == 0) *y = *x + by;
}

// The batch is `parts` virtual ones that follow one another, of size samples each but for
// the last; moments are the rows of one after another, and row is 0 for the mean.
KERNEL(track, float* __restrict__ y, const float* __restrict__ running, const float* __restrict__ moments, const i64* __restrict__ number, i32 n, i32 row, i32 parts, i32 size, i32 last, i32 values, double momentum, i32 cumulative) {
  i64 c = index();
  if (c >= n) return;
  float v = running[c];
  for (i32 k = 0; k < parts; k++) {
    double m = (double)(k < parts - 1 ? size : last) * values, factor = row == 1 ? m / (m - 1) : 1;
    double share = cumulative ? 1 / (double)(*number - (parts - 1) + k) : momentum;
    v = (float)((1 - share) * (double)v + share * factor * (double)moments[((i64)2 * k + row) * n + c]);
  }
  y[c] = v;
}

KERNEL(accumulate, float* __restrict__ y, const float* __restrict__ before, const float* __restrict__ moments, const i64* __restrict__ samples, i32 n, i32 parts, i32 size, i32 last, i32 inner) {
  i64 c = index();
  if (c >= n) return;
  double m = (double)*samples * inner, mean = before[c], squares = (m > 1 ? m - 1 : 0) * (double)before[n + c];
  for (i32 i = 0; i < parts; i++) {
    double k = (double)(i < parts - 1 ? size : last) * inner;
    const float* batch = moments + (i64)2 * i * n;
    double d = (double)batch[c] - mean;
    mean += d * k / (m + k);
    squares += k * (double)batch[n + c] + d * d * m * k / (m + k);
    m += k;
  }
  y[c] = (float)mean;
  y[n + c] = (float)(squares / (m - 1));
}
