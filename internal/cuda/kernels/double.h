// Logarithm, exponential and error function of double, for the few numbers that need them:
// of arithmetic in double most devices do little.
#pragma once
#include "device.h"

// log64 is log(x) for finite x > 0, not subnormal, to 2 ulp: with x = m·2^k and m around 1,
//
//	log(m) = 2·artanh(s) = 2·(s + s³/3 + s⁵/5 + ...),   s = (m-1)/(m+1)
//
// where |s| is at most 0.1716, so that ten terms are enough.
DEVICE double log64(double x) {
  i64 k = (i64)(bits(x) >> 52) - 1023;
  double m = of_bits((bits(x) & 0x000fffffffffffffull) | 0x3ff0000000000000ull);
  if (m > 1.4142135623730951) m /= 2, k++;
  double s = (m - 1) / (m + 1), q = s * s, sum = 0;
  for (int i = 21; i >= 3; i -= 2) sum = fma64(sum, q, 1.0 / i);
  const double high = 0x1.62e42fee00000p-1, low = 0x1.a39ef35793c76p-33; // log(2), the product with k is exact
  return fma64((double)k, high, fma64((double)k, low, fma64(2 * s * q, sum, 2 * s)));
}

// exp64 is exp(x) for x from -700 to 700, to 2 ulp: with x = k·log(2) + r, the series of
// exp(r) to r¹³, where |r| is at most 0.35. Below, it is 0.
DEVICE double exp64(double x) {
  if (x < -700) return 0;
  if (x != x) return x;
  double k = fma64(x, 1.4426950408889634, 0x1.8p52) - 0x1.8p52; // to the nearest whole number
  double r = fma64(k, -0x1.a39ef35793c76p-33, fma64(k, -0x1.62e42fee00000p-1, x)), sum = 1;
  for (int i = 13; i >= 1; i--) sum = fma64(sum * r, 1.0 / i, 1);
  return sum * of_bits((u64)((i64)k + 1023) << 52);
}
