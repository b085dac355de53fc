// Noise of a normal distribution: quadratics in the bits that are drawn, as in
// internal/kernel/vec, whose table the host hands over.
#include "four.h"
#include "philox.h"

struct Normal4 {
  float v[4];
};

// normal4 draws for the four elements from e on. After the stream, draws has the table: the
// coefficients of 1, of t and of t² for 32 parts of the range of t, times the deviation.
DEVICE Normal4 normal4(const u32* draws, i64 e) {
  const u32* table = draws + 4;
  Halves h = halves_of(philox_short(stream_of(draws), (u64)e / 8), e);
  Normal4 z;
  for (int i = 0; i < 4; i++) {
    u32 w = half(h, i); // the low bit is the sign
    float t = (float)(w | 1);
    u32 part = bits(t) >> 22 & 31;
    float q = fma32(of_bits(table[64 + part]), t, of_bits(table[32 + part]));
    z.v[i] = of_bits(bits(fma32(q, t, of_bits(table[part]))) ^ w << 31);
  }
  return z;
}

// y is x + z.
KERNEL(normal_add, float* __restrict__ y, const float* __restrict__ x, const u32* __restrict__ draws, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  Normal4 z = normal4(draws, e);
  f32x4 v = load4(x, e, n);
  for (int i = 0; i < 4; i++) v[i] = v[i] + z.v[i];
  store4(y, e, n, v);
}

// y is x + x·z. The word behind the table says whether the deviation is infinite, which is
// reported with the step, its low word for the position.
KERNEL(normal_mul, float* __restrict__ y, const float* __restrict__ x, const u32* __restrict__ draws, u64* report, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  if (e == 0 && draws[4 + 96]) fault(report, draws[2], (i32)draws[3]);
  Normal4 z = normal4(draws, e);
  f32x4 v = load4(x, e, n);
  for (int i = 0; i < 4; i++) v[i] = fma32(v[i], z.v[i], v[i]);
  store4(y, e, n, v);
}
