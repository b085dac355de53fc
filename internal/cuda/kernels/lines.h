// Lines of neighbours that threads share: those of a warp, in a block of 32 by 8, or for long
// lines those of a block.
#pragma once
#include "reduce.h"

enum { WARP, BLOCK };

// line is that of this thread. The last block of a kernel for warps may have threads
// without one, which must come along to the shuffles: to them a line has no elements.
template <int BY> DEVICE i64 line() { return BY == WARP ? (i64)BID * BDIMY + TIDY : BID; }
template <int BY> DEVICE float sum_of(float v) { return BY == WARP ? warp_sum(v) : block_sum(v); }
template <int BY> DEVICE float max_of(float v) { return BY == WARP ? warp_max(v) : block_max(v); }
