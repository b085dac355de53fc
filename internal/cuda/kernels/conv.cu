// Convolutions and their gradients as products of matrices, of which the right one is never
// stored: its elements are fetched from where they lie.
#include "contraction.h"
#include "tile.h"

template <class T, bool AlongTerms>
struct Convolution {
  const Contraction& c;
  const float* left; // of the first row of the tile
  const float* x;
  i32 rows;          // from the first one of the tile on
  Place* columns;    // of the tile, in shared memory
  Place (*terms)[T::K];   // of a slice and of the next one
  i32 (*lefts)[T::K];     // their offsets in left, below 0 where there is no term
  Index next, step;  // the term that this thread looks up for the next slice
  i32 count;         // terms from there on
  Slot leftSlot, rightSlot;
};

// look_up puts the place of a term where the slice finds it; the first threads do so.
template <class T, bool AlongTerms> DEVICE void look_up(Convolution<T, AlongTerms>& in, i32 slice) {
  if (TID >= T::K) return;
  in.terms[slice & 1][TID] = term_place(in.c, in.next);
  in.lefts[slice & 1][TID] = in.count > 0 ? offset_of(in.next, in.c.termLeft, in.c.termLeftAxes) : -1;
  add(in.next, in.step, in.c.term);
  in.count -= T::K;
}

template <class T, bool AlongTerms>
DEVICE void fetch(Convolution<T, AlongTerms>& in, i32 s, float (&l)[T::Left], float (&r)[T::Right]) {
  const Place* terms = in.terms[s & 1];
  const i32* lefts = in.lefts[s & 1];
  i32 at = lefts[in.leftSlot.k];
  UNROLL for (i32 i = 0; i < T::Left; i++) {
    i32 row = in.leftSlot.at + i * (256 / T::K);
    l[i] = row < in.rows && at >= 0 ? in.left[row * in.c.leftRow + at] : 0;
  }
  Place one = AlongTerms ? terms[in.rightSlot.k] : in.columns[in.rightSlot.at];
  UNROLL for (i32 i = 0; i < T::Right; i++) {
    i32 k = AlongTerms ? in.rightSlot.k : in.rightSlot.k + i * (256 / T::N);
    const Place& other = AlongTerms ? in.columns[in.rightSlot.at + i * (256 / T::K)] : terms[k];
    r[i] = lefts[k] >= 0 ? element(in.x, one, other, in.c.in) : 0;
  }
  look_up(in, s + 1);
}

// A block computes one tile: of a share of the terms, if there are several.
template <class T, bool AlongTerms>
DEVICE void convolve(float* to, const float* left, const float* x, const float* bias, i32 biased, i32 relu, i64 part, const Contraction& c) {
  SHARED Place columns[T::N];
  SHARED i32 targets[T::N];
  SHARED Place terms[2][T::K];
  SHARED i32 lefts[2][T::K];
  i32 right = (c.columns + T::N - 1) / T::N, down = (c.rows + T::M - 1) / T::M;
  i32 b = BID, col = b % right * T::N;
  b /= right;
  i32 row = b % down * T::M;
  b /= down;
  i32 group = b % c.groups, split = b / c.groups;
  if (TID < T::N) {
    Index i = index_of(col + (i32)TID < c.columns ? col + (i32)TID : 0, c.column);
    columns[TID] = column_place(c, i);
    targets[TID] = offset_of(i, c.columnTo, c.columnToAxes);
  }
  i32 from = split * c.share, count = c.terms - from < c.share ? c.terms - from : c.share;
  Convolution<T, AlongTerms> in = {c, left + (i64)group * c.leftGroup + (i64)row * c.leftRow, x + (i64)group * c.xGroup, c.rows - row,
                                   columns, terms, lefts, index_of(from + (i32)TID, c.term), index_of(T::K, c.term), count - (i32)TID,
                                   slotOf<T::M, T::K>(true), slotOf<T::N, T::K>(AlongTerms)};
  look_up(in, 0);
  SYNC();
  float sum[T::TM][T::TN];
  multiply<T>(in, in.leftSlot, in.rightSlot, (count + T::K - 1) / T::K, sum);
  to += split * part + (i64)group * c.toGroup;
  UNROLL for (i32 i = 0; i < T::TM; i++) {
    i32 y = row + rowOf<T>(i);
    float more = biased && y < c.rows ? bias[group * c.rows + y] : 0;
    UNROLL for (i32 j = 0; j < T::TN; j++) {
      i32 k = colOf<T>(j);
      float v = biased ? sum[i][j] + more : sum[i][j];
      if (y < c.rows && col + k < c.columns) to[(i64)y * c.toRow + targets[k]] = relu && v <= 0 ? 0 : v;
    }
  }
}

#define CONV(name, AlongTerms, ...)                                                                                    \
  KERNEL_SYNC(name, float* __restrict__ to, const float* __restrict__ left, const float* __restrict__ x,               \
              const float* __restrict__ bias, i32 biased, i32 relu, i64 part, CONTRACTION) {                           \
    Contraction c = CONTRACTION_OF;                                                                                    \
    convolve<Tile<__VA_ARGS__>, AlongTerms>(to, left, x, bias, biased, relu, part, c);                                 \
  }

CONV(conv_32, false, 32, 128, 16, 4, 4)
CONV(conv_64, false, 64, 128, 16, 8, 4)
CONV(conv_128, false, 128, 128, 8, 8, 8)
CONV(conv_weights_32, true, 32, 128, 16, 4, 4)
CONV(conv_weights_64, true, 64, 128, 16, 8, 4)
CONV(conv_weights_128, true, 128, 128, 8, 8, 8)

// conv_join adds up the shares of the terms, in order.
KERNEL(conv_join, float* __restrict__ to, const float* __restrict__ parts, i32 n, i32 splits) {
  i64 i = index();
  if (i >= n) return;
  float s = parts[i];
  for (i32 k = 1; k < splits; k++) s += parts[(i64)k * n + i];
  to[i] = s;
}
