// Sines and cosines of the steps of a sequence. Their arguments are large, so they are in
// double precision; the table is made once for all samples.
#include "divide.h"

// The sine, or the cosine, of a ≥ 0, off by less than 1e-12 for any number of steps: a is
// reduced to within ±π/4 of a multiple of π/2, which is given in two parts, and there the
// Taylor polynomials are off by 4e-13 at most.
DEVICE double sine_or_cosine(double a, bool cosine) {
  const double round = 6755399441055744.0; // 1.5·2^52
  double shifted = a * 0.6366197723675814 + round, quarters = shifted - round;
  double r = fma64(quarters, -6.123233995736766e-17, fma64(quarters, -1.5707963267948966, a)), u = r * r;
  u32 q = (u32)bits(shifted) + cosine;
  double y;
  if (q & 1) {
    y = 1.0 / 479001600;
    y = fma64(y, u, -1.0 / 3628800);
    y = fma64(y, u, 1.0 / 40320);
    y = fma64(y, u, -1.0 / 720);
    y = fma64(y, u, 1.0 / 24);
    y = fma64(y, u, -0.5);
    y = fma64(y, u, 1);
  } else {
    y = 1.0 / 6227020800.0;
    y = fma64(y, u, -1.0 / 39916800);
    y = fma64(y, u, 1.0 / 362880);
    y = fma64(y, u, -1.0 / 5040);
    y = fma64(y, u, 1.0 / 120);
    y = fma64(y, u, -1.0 / 6);
    y = fma64(y * u, r, r);
  }
  return q & 2 ? -y : y;
}

// The slope of a column lies in two words; columns take turns with sine and cosine.
KERNEL(sinusoids, float* __restrict__ table, const u32* __restrict__ slopes, u64 by_width, i32 width, i32 n) {
  i64 e = index();
  if (e >= n) return;
  u32 t = divide((u32)e, by_width), k = (u32)e - t * (u32)width, pair = k / 2 * 2;
  double slope = of_bits((u64)slopes[pair + 1] << 32 | slopes[pair]);
  table[e] = (float)sine_or_cosine(t * slope, k & 1);
}
