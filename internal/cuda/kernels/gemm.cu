// Products of matrices, for where cuBLAS is not.
#include "tile.h"

// An Operand is what a thread fetches of a matrix.
struct Operand {
  const float* p; // of its first element in the next slice
  i64 apart;      // from one of its elements to the next
  i64 onward;     // and from slice to slice
  i32 width;      // how much of the matrix there is beyond the thread's place across
  i32 depth;      // and along the inner axis
  Slot slot;
};

// operandOf is for a matrix that is width wide from the tile on, and depth deep; its rows
// in memory lie along the inner axis, or across it.
template <int W, int K> DEVICE Operand operandOf(const float* p, i32 first, i32 width, i32 depth, i64 rows, bool alongK) {
  Slot s = slotOf<W, K>(alongK);
  i64 across = alongK ? rows : 1, along = alongK ? 1 : rows;
  return {p + (first + s.at) * across + s.k * along, s.stepAt * across + s.stepK * along, K * along, width - first - s.at, depth - s.k, s};
}

template <int Count, int K> DEVICE void fetchOperand(Operand& o, float (&to)[Count]) {
  UNROLL for (i32 i = 0; i < Count; i++) {
    to[i] = i * o.slot.stepAt < o.width && i * o.slot.stepK < o.depth ? o.p[i * o.apart] : 0;
  }
  o.p += o.onward;
  o.depth -= K;
}

template <class T> struct Matrices { Operand left, right; };

template <class T> DEVICE void fetch(Matrices<T>& in, i32, float (&l)[T::Left], float (&r)[T::Right]) {
  fetchOperand<T::Left, T::K>(in.left, l);
  fetchOperand<T::Right, T::K>(in.right, r);
}

// gemm is C = op(A)·op(B), or C += op(A)·op(B), of m by k and k by n, for one or more at
// equal distances. A block computes one tile of one of them.
template <class T>
DEVICE void gemm(float* c, const float* a, const float* b, i32 m, i32 n, i32 k, i32 lda, i32 ldb, i32 ldc, i32 transposeA,
                 i32 transposeB, i32 add, i64 strideA, i64 strideB, i64 strideC) {
  i32 down = (m + T::M - 1) / T::M, right = (n + T::N - 1) / T::N;
  i32 row = (i32)(BID / right % down) * T::M, col = (i32)(BID % right) * T::N;
  i64 of = BID / right / down;
  Matrices<T> in = {operandOf<T::M, T::K>(a + of * strideA, row, m, k, lda, !transposeA),
                    operandOf<T::N, T::K>(b + of * strideB, col, n, k, ldb, transposeB)};
  float sum[T::TM][T::TN];
  multiply<T>(in, in.left.slot, in.right.slot, (k + T::K - 1) / T::K, sum);
  UNROLL for (i32 i = 0; i < T::TM; i++) {
    UNROLL for (i32 j = 0; j < T::TN; j++) {
      i32 y = row + rowOf<T>(i), x = col + colOf<T>(j);
      if (y < m && x < n) {
        float* to = c + of * strideC + (i64)y * ldc + x;
        *to = add ? *to + sum[i][j] : sum[i][j];
      }
    }
  }
}

#define GEMM(name, ...)                                                                                                     \
  KERNEL_SYNC(name, float* c, const float* __restrict__ a, const float* __restrict__ b, i32 m, i32 n, i32 k, i32 lda,       \
              i32 ldb, i32 ldc, i32 transposeA, i32 transposeB, i32 add, i64 strideA, i64 strideB, i64 strideC) {           \
    gemm<Tile<__VA_ARGS__>>(c, a, b, m, n, k, lda, ldb, ldc, transposeA, transposeB, add, strideA, strideB, strideC);       \
  }

GEMM(gemm_64, 64, 64, 16, 4, 4)
GEMM(gemm_128, 128, 128, 8, 8, 8)
