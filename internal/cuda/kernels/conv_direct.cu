// Convolutions of few rows, as those of each channel by itself, for which a tile would be
// mostly empty.
#include "contraction.h"
#include "reduce.h"

// A thread computes one element.
KERNEL(conv_direct, float* __restrict__ to, const float* __restrict__ left, const float* __restrict__ x,
       const float* __restrict__ bias, i32 biased, i32 relu, i64, CONTRACTION) {
  Contraction c = CONTRACTION_OF;
  i64 e = index();
  if (e >= (i64)c.groups * c.rows * c.columns) return;
  i32 line = (u32)e / (u32)c.columns, group = line / c.rows, row = line % c.rows;
  Index col = index_of((u32)e % (u32)c.columns, c.column);
  Place at = column_place(c, col);
  left += (i64)group * c.leftGroup + (i64)row * c.leftRow;
  x += (i64)group * c.xGroup;
  float sum = 0;
  i32 numbers = c.terms / (c.term.d * c.term.h * c.term.w);
  for (i32 k = 0; k < numbers; k++)
    for (i32 d = 0; d < c.term.d; d++)
      for (i32 h = 0; h < c.term.h; h++)
        for (i32 w = 0; w < c.term.w; w++) {
          Index term = {k, {d, h, w}};
          sum = fma32(left[offset_of(term, c.termLeft, c.termLeftAxes)], element(x, at, term_place(c, term), c.in), sum);
        }
  if (biased) sum += bias[line];
  to[(i64)group * c.toGroup + (i64)row * c.toRow + offset_of(col, c.columnTo, c.columnToAxes)] = relu && sum <= 0 ? 0 : sum;
}

// A block computes one element, of a share of the terms.
KERNEL_SYNC(conv_weights_direct, float* __restrict__ to, const float* __restrict__ left, const float* __restrict__ x,
            const float* __restrict__, i32, i32, i64 part, CONTRACTION) {
  Contraction c = CONTRACTION_OF;
  i32 b = BID, column = b % c.columns;
  b /= c.columns;
  i32 row = b % c.rows;
  b /= c.rows;
  i32 group = b % c.groups, split = b / c.groups;
  Index col = index_of(column, c.column), step = index_of(BDIM, c.term);
  Place at = column_place(c, col);
  left += (i64)group * c.leftGroup + (i64)row * c.leftRow;
  x += (i64)group * c.xGroup;
  i32 from = split * c.share, end = c.terms - from < c.share ? c.terms : from + c.share;
  Index term = index_of(from + (i32)TID, c.term);
  float sum = 0;
  for (i32 t = from + (i32)TID; t < end; t += BDIM, add(term, step, c.term))
    sum = fma32(left[offset_of(term, c.termLeft, c.termLeftAxes)], element(x, at, term_place(c, term), c.in), sum);
  sum = block_sum(sum);
  if (TID == 0) to[split * part + (i64)group * c.toGroup + (i64)row * c.toRow + offset_of(col, c.columnTo, c.columnToAxes)] = sum;
}
