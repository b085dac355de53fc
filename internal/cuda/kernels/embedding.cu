// Rows of a table by their numbers, which are integers or whole numbers of single precision.
#include "divide.h"
#include "reduce.h"

// word returns number i, or -1 if there is no such row.
DEVICE i64 word(const void* numbers, i32 integers, i64 i, i32 words) {
  i64 k = -1;
  if (integers) {
    k = ((const i64*)numbers)[i];
  } else {
    float v = ((const float*)numbers)[i];
    if (v >= 0 && v < 2147483648.0f && v == (float)(i32)v) k = (i32)v;
  }
  return k >= 0 && k < words ? k : -1;
}

// A number that names no row is reported: an integer itself, as far as 32 bits hold it, else
// the bits of the number.
KERNEL(embed, float* __restrict__ y, const float* __restrict__ table, const void* __restrict__ numbers, u64* report, i32 integers, i32 words, u64 by_dim, i32 dim, i32 n) {
  i64 e = index();
  if (e >= n) return;
  u32 i = divide((u32)e, by_dim), d = (u32)e - i * (u32)dim;
  i64 k = word(numbers, integers, i, words);
  y[e] = k < 0 ? 0 : table[k * dim + d];
  if (k >= 0 || d > 0) return;
  i64 v = integers ? ((const i64*)numbers)[i] : (i64)(i32)bits(((const float*)numbers)[i]);
  fault(report, i, v > 0x7fffffff ? 0x7fffffff : v < -0x7fffffff ? (i32)0x80000000 : (i32)v);
}

// The gradient of the table, which is 0 at first: a block for each position. Where its word
// stands for the first time, the block adds up dy of all positions of that word, in order;
// else it has nothing to do. So no two blocks write one row, and the sum is the CPU's bit
// for bit.
KERNEL_SYNC(embed_grad, float* __restrict__ d, const float* __restrict__ dy, const void* __restrict__ numbers, i32 integers, i32 words, i32 dim, i32 padding, i32 n) {
  SHARED i32 found[256];
  i64 k = word(numbers, integers, BID, words);
  if (k < 0 || k == padding) return;
  for (i64 end = BID; end > 0; end -= BDIM) { // the nearest ones first: a frequent word ends soon
    i64 j = end - 1 - TID;
    if (block_max(j >= 0 && word(numbers, integers, j, words) == k) > 0) return;
  }
  for (i64 from = BID; from < n; from += BDIM) {
    i64 j = from + TID;
    found[TID] = j < n && word(numbers, integers, j, words) == k;
    if (block_max((float)found[TID]) == 0) continue; // which waits for all of them
    for (u32 t = 0; t < BDIM; t++)
      if (found[t])
        for (i32 i = TID; i < dim; i += BDIM) d[k * dim + i] += dy[(from + t) * dim + i];
    SYNC();
  }
}
