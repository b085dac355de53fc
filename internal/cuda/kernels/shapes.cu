// Elements in another order, and operations on operands that are broadcast.
#include "strided.h"

KERNEL(gather, float* __restrict__ y, const float* __restrict__ x, i32 n, AXES, STEPS(s)) {
  i64 e = index();
  if (e < n) y[e] = x[PLACE(INDICES(e), s)];
}

KERNEL(add_broadcast, float* __restrict__ y, const float* __restrict__ a, const float* __restrict__ b, i32 n, AXES, STEPS(s), STEPS(t)) {
  i64 e = index();
  if (e >= n) return;
  Index i = INDICES(e);
  y[e] = a[PLACE(i, s)] + b[PLACE(i, t)];
}

KERNEL(mul_broadcast, float* __restrict__ y, const float* __restrict__ a, const float* __restrict__ b, i32 n, AXES, STEPS(s), STEPS(t)) {
  i64 e = index();
  if (e >= n) return;
  Index i = INDICES(e);
  y[e] = a[PLACE(i, s)] * b[PLACE(i, t)];
}

// Matrices x of rows by columns become y of columns by rows, in squares of 32 that lie in
// shared memory between the two: both sides then move whole lines of memory. Blocks are
// 32 by 8.
KERNEL_SYNC(transpose_tiles, float* __restrict__ y, const float* __restrict__ x, i32 rows, i32 columns, i32 down, i32 across) {
  SHARED float square[32][33]; // the 33rd keeps a column in different banks
  i64 matrix = (i64)BID / (down * across) * rows * columns;
  i32 rest = BID % (u32)(down * across), r = rest / across * 32, c = rest % across * 32;
  for (i32 i = TIDY; i < 32; i += BDIMY)
    if (r + i < rows && c + (i32)TID < columns) square[i][TID] = x[matrix + (i64)(r + i) * columns + c + TID];
  SYNC();
  for (i32 i = TIDY; i < 32; i += BDIMY)
    if (c + i < columns && r + (i32)TID < rows) y[matrix + (i64)(c + i) * rows + r + TID] = square[TID][i];
}

// Rows of `length` elements, which lie some distance apart on either side.
KERNEL(copy_rows, float* __restrict__ y, const float* __restrict__ x, i32 n, u64 by_length, i32 length, i64 apart_y, i64 apart_x) {
  i64 e = index();
  if (e >= n) return;
  u32 row = divide((u32)e, by_length), i = (u32)e - row * (u32)length;
  y[row * apart_y + i] = x[row * apart_x + i];
}

// y (outer, inner, width) is x (inner, outer, width): steps and samples change places. What
// is beyond the lengths of the samples becomes 0.
KERNEL(time_major, float* __restrict__ y, const float* __restrict__ x, const float* __restrict__ lengths, i32 back, i32 n, u64 by_width, i32 width, u64 by_inner, i32 inner, i32 outer) {
  i64 e = index();
  if (e >= n) return;
  u32 row = divide((u32)e, by_width), o = divide(row, by_inner), i = row - o * (u32)inner;
  u32 sample = back ? o : i, step = back ? i : o;
  bool counts = !lengths || (float)step < lengths[sample];
  y[e] = counts ? x[((i64)i * outer + o) * width + ((u32)e - row * (u32)width)] : 0;
}
