// A product of matrices by tiles: a block of 256 threads computes one of M by N. Both
// operands go through shared memory, in slices of K along the inner axis, of which one is
// multiplied while the next is fetched; a thread keeps TM by TN sums in registers.
//
// Sums are taken in the order of the inner axis, so results are the same in every run.
#pragma once
#include "device.h"

#if defined(THINNET_HOST)
#define UNROLL
#else
#define UNROLL _Pragma("unroll")
#endif

// four reads four neighbours, from a multiple of 16 bytes. Of a parameter clang believes it.
DEVICE f32x4 four(const float* p) { return *(const f32x4*)p; }

template <int M_, int N_, int K_, int TM_, int TN_>
struct Tile {
  static constexpr int M = M_, N = N_, K = K_, TM = TM_, TN = TN_;
  static constexpr int Left = M * K / 256, Right = N * K / 256; // elements that a thread fetches
  static_assert((M / TM) * (N / TN) == 256 && TM % 4 == 0 && TN % 4 == 0, "256 threads, sums by fours");
};

// rowOf and colOf return where in the tile sum i, j of this thread belongs. The groups of
// four are as far apart as can be: so neighbours read neighbours of shared memory.
template <class T> DEVICE i32 rowOf(i32 i) { return i / 4 * (T::M / (T::TM / 4)) + TID / (T::N / T::TN) * 4 + i % 4; }
template <class T> DEVICE i32 colOf(i32 j) { return j / 4 * (T::N / (T::TN / 4)) + TID % (T::N / T::TN) * 4 + j % 4; }

// A Slot is where a thread puts the elements that it fetches of an operand W wide: element
// i at (k + i·stepK, at + i·stepAt) of a slice. They are neighbours along the axis whose
// neighbours in memory are, so that a warp reads whole lines.
struct Slot { i32 at, k, stepAt, stepK; };

template <int W, int K> DEVICE Slot slotOf(bool alongK) {
  if (alongK) return {(i32)TID / K, (i32)TID % K, 256 / K, 0};
  return {(i32)TID % W, (i32)TID / W, 0, 256 / W};
}

// multiply sets sum to the product of the slices of in, for which there are slots, left and
// right, and a function fetch(in, s, l, r) that gets the elements of slice s.
template <class T, class In> DEVICE void multiply(In& in, Slot left, Slot right, i32 slices, float (&sum)[T::TM][T::TN]) {
  // 4 elements more to a row put a column into different banks.
  SHARED __attribute__((aligned(16))) float a[2][T::K][T::M + 4];
  SHARED __attribute__((aligned(16))) float b[2][T::K][T::N + 4];
  float l[T::Left], r[T::Right];
  UNROLL for (i32 i = 0; i < T::TM; i++) {
    UNROLL for (i32 j = 0; j < T::TN; j++) sum[i][j] = 0;
  }
  for (i32 s = 0; s <= slices; s++) { // fetches slice s, and multiplies the one before
    if (s < slices) fetch(in, s, l, r);
    if (s > 0) {
      i32 at = (s - 1) & 1;
      UNROLL for (i32 k = 0; k < T::K; k++) {
        f32x4 x[T::TM / 4], y[T::TN / 4];
        UNROLL for (i32 i = 0; i < T::TM / 4; i++) x[i] = four(&a[at][k][rowOf<T>(4 * i)]);
        UNROLL for (i32 j = 0; j < T::TN / 4; j++) y[j] = four(&b[at][k][colOf<T>(4 * j)]);
        UNROLL for (i32 i = 0; i < T::TM; i++) {
          UNROLL for (i32 j = 0; j < T::TN; j++) sum[i][j] = fma32(x[i / 4][i % 4], y[j / 4][j % 4], sum[i][j]);
        }
      }
    }
    if (s < slices) {
      UNROLL for (i32 i = 0; i < T::Left; i++) a[s & 1][left.k + i * left.stepK][left.at + i * left.stepAt] = l[i];
      UNROLL for (i32 i = 0; i < T::Right; i++) b[s & 1][right.k + i * right.stepK][right.at + i * right.stepAt] = r[i];
    }
    SYNC();
  }
}
