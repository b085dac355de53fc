// Tensors whose elements lie in another order than those of the result, or are broadcast.
#pragma once
#include "divide.h"

// What the kernels are told of up to four axes: the sizes of all but the first one, and the
// divisors for them. STEPS are the elements from one index of each axis to the next.
#define AXES u64 d1, i32 n1, u64 d2, i32 n2, u64 d3, i32 n3
#define STEPS(x) i32 x##0, i32 x##1, i32 x##2, i32 x##3

struct Index {
  u32 i0, i1, i2, i3;
};

DEVICE Index indices(u32 e, AXES) {
  u32 r3 = divide(e, d3), r2 = divide(r3, d2), r1 = divide(r2, d1);
  return {r1, r2 - r1 * (u32)n1, r3 - r2 * (u32)n2, e - r3 * (u32)n3};
}

DEVICE i64 place(Index i, STEPS(s)) { return (i64)i.i0 * s0 + (i64)i.i1 * s1 + (i64)i.i2 * s2 + (i64)i.i3 * s3; }

#define INDICES(e) indices((u32)(e), d1, n1, d2, n2, d3, n3)
#define PLACE(i, x) place(i, x##0, x##1, x##2, x##3)
