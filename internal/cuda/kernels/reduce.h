// Sums and maxima over threads, in an order that is always the same.
#pragma once
#include "device.h"

// Of the 32 threads of a warp. All of them get the result.
DEVICE float warp_sum(float v) {
  for (int m = 16; m; m >>= 1) v += shuffle_xor(v, m);
  return v;
}

// NaN counts as nothing.
DEVICE float larger(float a, float b) { return a > b || b != b ? a : b; }

DEVICE float warp_max(float v) {
  for (int m = 16; m; m >>= 1) v = larger(v, shuffle_xor(v, m));
  return v;
}

// each_warp returns the results of the warps, one in each thread of every warp, and `none`
// in the others.
DEVICE float each_warp(float v, float none) {
  SHARED float parts[32];
  SYNC(); // until the last call has been read
  if (TID % 32 == 0) parts[TID / 32] = v;
  SYNC();
  return TID % 32 < BDIM / 32 ? parts[TID % 32] : none;
}

// Of a block of one axis with a multiple of 32 threads. All of them get the result.
DEVICE float block_sum(float v) {
  v = warp_sum(v);
  return BDIM == 32 ? v : warp_sum(each_warp(v, 0));
}

DEVICE float block_max(float v) {
  v = warp_max(v);
  return BDIM == 32 ? v : warp_max(each_warp(v, -INFINITY32));
}
