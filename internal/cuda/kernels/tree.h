// Reductions over the threads of a block for what shuffles do not take, in an order that is
// always the same. The threads are a power of two, 256 at most; all of them get the result.
#pragma once
#include "device.h"

template <class T, class F>
DEVICE T tree(T v, F join) {
  SHARED T parts[256];
  SYNC(); // until the last call has been read
  parts[TID] = v;
  SYNC();
  for (u32 half = BDIM / 2; half; half /= 2) {
    if (TID < half) parts[TID] = join(parts[TID], parts[TID + half]);
    SYNC();
  }
  return parts[0];
}

DEVICE double tree_sum(double v) {
  return tree(v, [](double a, double b) { return a + b; });
}

// A place is a number with where it stands.
struct Place {
  double value;
  i32 at;
};

// nowhere stands behind all others.
DEVICE Place nowhere() { return {-of_bits(0x7ff0000000000000ull), 0x7fffffff}; }

// first is the larger of two, of equals the one that stands first. NaN is never larger.
DEVICE Place first(Place a, Place b) {
  return b.value > a.value || (b.value == a.value && b.at < a.at) ? b : a;
}

DEVICE Place tree_first(Place p) { return tree(p, [](Place a, Place b) { return first(a, b); }); }
