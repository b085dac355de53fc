// The columns of what a convolution of two axes sees, and back.
#include "divide.h"

// y (N·C, taps, points) of x (N·C, h, w).
KERNEL(unfold, float* __restrict__ y, const float* __restrict__ x, i32 n, u64 by_wo, i32 wo, u64 by_ho, i32 ho, u64 by_kw, i32 kw, u64 by_kh, i32 kh, i32 h, i32 w, i32 sh, i32 sw, i32 ph, i32 pw, i32 dh, i32 dw) {
  i64 e = index();
  if (e >= n) return;
  u32 a = divide((u32)e, by_wo), q = (u32)e - a * (u32)wo, b = divide(a, by_ho), p = a - b * (u32)ho;
  u32 c = divide(b, by_kw), j = b - c * (u32)kw, map = divide(c, by_kh), i = c - map * (u32)kh;
  i32 r = (i32)p * sh - ph + (i32)i * dh, s = (i32)q * sw - pw + (i32)j * dw;
  y[e] = r >= 0 && r < h && s >= 0 && s < w ? x[((i64)map * h + r) * w + s] : 0;
}

// dx (N·C, h, w): each element is the sum of its copies, in the order of the taps.
KERNEL(fold, float* __restrict__ dx, const float* __restrict__ dy, i32 n, u64 by_w, i32 w, u64 by_h, i32 h, u64 by_sh, i32 sh, u64 by_sw, i32 sw, i32 kh, i32 kw, i32 ho, i32 wo, i32 ph, i32 pw, i32 dh, i32 dw) {
  i64 e = index();
  if (e >= n) return;
  u32 row = divide((u32)e, by_w), s = (u32)e - row * (u32)w, map = divide(row, by_h), r = row - map * (u32)h;
  float sum = 0;
  for (i32 i = 0; i < kh; i++) {
    i32 down = (i32)r + ph - i * dh;
    if (down < 0) break;
    u32 p = divide(down, by_sh);
    if (p * sh != (u32)down || (i32)p >= ho) continue;
    for (i32 j = 0; j < kw; j++) {
      i32 across = (i32)s + pw - j * dw;
      if (across < 0) break;
      u32 q = divide(across, by_sw);
      if (q * sw == (u32)across && (i32)q < wo) sum += dy[((((i64)map * kh + i) * kw + j) * ho + p) * wo + q];
    }
  }
  dx[e] = sum;
}
