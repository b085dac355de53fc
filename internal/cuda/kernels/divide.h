// Division by a number that the host knows: by a product and a shift.
#pragma once
#include "device.h"

// divide returns n / d for n < 2^31, given the Divisor of d, which the host has made.
DEVICE u32 divide(u32 n, u64 divisor) { return (u32)((u64)n * (u32)divisor >> (divisor >> 32)); }

// A layout views elements as (outer, groups, inner): inner is a divisor, and groups both.
// group returns the group of element e.
DEVICE u32 group(u32 e, u64 inner, u64 groups, i32 count) {
  u32 row = divide(e, inner);
  return row - divide(row, groups) * (u32)count;
}
