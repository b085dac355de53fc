// The channels that WeightedChannelDropout keeps.
#include "double.h"
#include "philox.h"
#include "tree.h"

// A block writes the factors of c channels of a sample, of which it selects `most`: those
// with the largest log(u)/score, as in internal/kernel/select.go. A key is held as what
// stands below 0, so that the smallest comes first; numbers that are not negative are in the
// order of their bits. After the stream, draws has the probability to be dropped all the
// same.
KERNEL_SYNC(select_channels, float* __restrict__ k, const float* __restrict__ scores, u64* __restrict__ keys, const u32* __restrict__ draws, i32 c, i32 most) {
  i64 at = (i64)BID * c;
  k += at, scores += at, keys += at;
  double total = 0;
  for (i32 i = (i32)TID; i < c; i += (i32)BDIM) total += scores[i] <= 0 ? 0 : (double)scores[i];
  total = tree_sum(total);
  if (!(total > 0) || total == of_bits(0x7ff0000000000000ull)) {
    for (i32 i = (i32)TID; i < c; i += (i32)BDIM) k[i] = 1;
    return;
  }
  Stream s = stream_of(draws);
  double p = of_bits((u64)draws[5] << 32 | draws[4]);
  for (i32 i = (i32)TID; i < c; i += (i32)BDIM) {
    u64 key = 0x7ff0000000000000ull; // infinity: behind all that are positive
    if (scores[i] > 0) {
      key = bits(-log64(unit(philox_block(s, (u64)(at + i)).x)) / scores[i]);
      if (key >= 0x7ff0000000000000ull) key = 0x7fefffffffffffffull;
    }
    keys[i] = key;
  }
  SYNC();
  double selected = 0;
  for (i32 i = (i32)TID; i < c; i += (i32)BDIM) {
    u64 key = keys[i];
    i32 before = 0;
    for (i32 j = 0; j < c; j++) before += keys[j] < key || (keys[j] == key && j < i);
    k[i] = before < most;
    if (before < most && scores[i] > 0) selected += scores[i];
  }
  selected = tree_sum(selected);
  for (i32 i = (i32)TID; i < c; i += (i32)BDIM)
    if (k[i] != 0) k[i] = unit(philox_block(s, (u64)(at + i)).y) < p ? 0 : (float)(total / selected);
}
