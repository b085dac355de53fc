// Masks that are drawn for each element, and factors that are masks. What is dropped is
// exactly 0, whatever it was.
#include "divide.h"
#include "four.h"
#include "philox.h"

// y is x·scale where an element is kept, else 0.
KERNEL(dropout, float* __restrict__ y, const float* __restrict__ x, const u32* __restrict__ draws, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  Mask m = mask_of(draws);
  Kept k = kept4(m, e);
  f32x4 v = load4(x, e, n);
  for (int i = 0; i < 4; i++) v[i] = k.v[i] ? v[i] * m.scale : 0;
  store4(y, e, n, v);
}

// The factors themselves.
KERNEL(mask, float* __restrict__ k, const u32* __restrict__ draws, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  Mask m = mask_of(draws);
  Kept kept = kept4(m, e);
  f32x4 v;
  for (int i = 0; i < 4; i++) v[i] = kept.v[i] ? m.scale : 0;
  store4(k, e, n, v);
}

// y is x·scale + gap + base where an element is kept, else base. After those of the mask,
// draws has gap and base.
KERNEL(mask_shift, float* __restrict__ y, const float* __restrict__ x, const u32* __restrict__ draws, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  Mask m = mask_of(draws);
  float gap = of_bits(draws[6]), base = of_bits(draws[7]);
  Kept k = kept4(m, e);
  f32x4 v = load4(x, e, n);
  for (int i = 0; i < 4; i++) v[i] = (k.v[i] ? v[i] * m.scale + gap : 0) + base;
  store4(y, e, n, v);
}

// y is the sum of x and f, each with a mask of its own.
KERNEL(mask_sum, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ f, const u32* __restrict__ draws_x, const u32* __restrict__ draws_f, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  Mask a = mask_of(draws_x), b = mask_of(draws_f);
  Kept ka = kept4(a, e), kb = kept4(b, e);
  f32x4 v = load4(x, e, n), w = load4(f, e, n);
  for (int i = 0; i < 4; i++) v[i] = (ka.v[i] ? v[i] * a.scale : 0) + (kb.v[i] ? w[i] * b.scale : 0);
  store4(y, e, n, v);
}

// Factors are broadcast over axes of x. Of the axes that they have, no two neighbours in
// memory are kept apart, so three are enough for x of up to six axes: factor
//
//	Σ (e / inner) % length · step
//
// belongs to element e.
struct Axis {
  u64 inner, length;  // divisors
  i32 of, step;       // the length itself
};

DEVICE u32 along(const Axis& a, u32 e) {
  u32 row = divide(e, a.inner);
  return (row - divide(row, a.length) * (u32)a.of) * (u32)a.step;
}

DEVICE void masked4(float* y, const float* x, const float* k, i64 e, i32 n, bool shifts, float kept, float dropped,
                    const Axis& a, const Axis& b, const Axis& c) {
  f32x4 v = load4(x, e, n);
  for (int i = 0; i < 4 && e + i < n; i++) {
    u32 at = (u32)e + (u32)i;
    float f = k[along(a, at) + along(b, at) + along(c, at)];
    float product = f == 0 ? 0 : v[i] * f;
    v[i] = shifts ? product + (f == 0 ? dropped : kept) : product;
  }
  store4(y, e, n, v);
}

#define AXES                                                                                                 \
  u64 inner_a, u64 length_a, i32 of_a, i32 step_a, u64 inner_b, u64 length_b, i32 of_b, i32 step_b, u64 inner_c, \
      u64 length_c, i32 of_c, i32 step_c
#define THE_AXES                                                                                    \
  Axis{inner_a, length_a, of_a, step_a}, Axis{inner_b, length_b, of_b, step_b}, Axis { inner_c, length_c, of_c, step_c }

// y is x·k, and 0 where k is.
KERNEL(masked, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ k, AXES, i32 n) {
  i64 e = 4 * index();
  if (e < n) masked4(y, x, k, e, n, false, 0, 0, THE_AXES);
}

// y is x·k + kept, and `dropped` where k is 0: shifts has both.
KERNEL(masked_shift, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ k, const u32* __restrict__ shifts, AXES, i32 n) {
  i64 e = 4 * index();
  if (e < n) masked4(y, x, k, e, n, true, of_bits(shifts[0]), of_bits(shifts[1]), THE_AXES);
}

// y is a·x + b·f.
KERNEL(weighted, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ f, float a, float b, i32 n) {
  i64 e = 4 * index();
  if (e >= n) return;
  f32x4 v = load4(x, e, n), w = load4(f, e, n);
  store4(y, e, n, v * a + w * b);
}
