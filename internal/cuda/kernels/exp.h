// Elementary functions in single precision, by arithmetic that is the same everywhere.
#pragma once
#include "device.h"

// two_to returns 2^k for k from -126 to 127.
DEVICE float two_to(i32 k) { return of_bits((u32)(k + 127) << 23); }

// taylor32 returns (e^r-1-r)/r² by the Taylor polynomial, to degree 7 of e^r.
DEVICE float taylor32(float r) {
  float p = 1.0f / 5040;
  p = fma32(p, r, 1.0f / 720);
  p = fma32(p, r, 1.0f / 120);
  p = fma32(p, r, 1.0f / 24);
  p = fma32(p, r, 1.0f / 6);
  return fma32(p, r, 0.5f);
}

// exp32 returns e^x, off by less than 1 unit in the last place.
//
// With k the integer nearest to x/ln 2, e^x = 2^k·e^r where |r| ≤ ln(2)/2, on which the
// Taylor polynomial of degree 7 is off by at most r^8/8! = 5.2e-9. ln 2 is taken in two
// parts, of which the first has so few digits that its product with k is exact.
DEVICE float exp32(float x) {
  float c = x > 89 ? 89 : x < -104 ? -104 : x; // beyond that it is infinite, or 0
  float k = fma32(c, 1.44269504f, 12582912.0f) - 12582912.0f; // 1.5·2^23 rounds to an integer
  float r = fma32(k, -1.42860677e-6f, fma32(k, -0.693145752f, c));
  float p = taylor32(r);
  p = fma32(p, r, 1);
  p = fma32(p, r, 1);
  if (!(x == x)) return x;
  i32 n = (i32)k, half = n / 2; // 2^k by itself may be out of range
  return p * two_to(half) * two_to(n - half);
}

// log32 returns the natural logarithm of x, off by less than 1 unit in the last place.
//
// With x = 2^k·(1+f) and 1+f between √½ and √2, and s = f/(2+f),
//
//	log(1+f) = 2·artanh(s) = f - f²/2 + s·(f²/2 + 2s²/3 + 2s⁴/5 + 2s⁶/7 + 2s⁸/9 + …)
//
// where the terms left out are less than 2e-9. ln 2 is in two parts, as above.
DEVICE float log32(float x) {
  float k = 0;
  if (x < of_bits(0x00800000u)) x *= 8388608, k = -23; // subnormal: 2^23
  u32 b = bits(x) - 0x3f3504f3u; // √½
  k += (float)((i32)b >> 23);
  float f = of_bits((b & 0x007fffffu) + 0x3f3504f3u) - 1, s = f / (2 + f), z = s * s, half = 0.5f * f * f;
  float r = z * fma32(z, fma32(z, fma32(z, 2.0f / 9, 2.0f / 7), 2.0f / 5), 2.0f / 3);
  float y = k * 0.693145752f - ((half - (s * (half + r) + k * 1.42860677e-6f)) - f);
  if (x == 0) return -INFINITY32;
  return x > 0 && x < INFINITY32 ? y : x > 0 ? x : NAN32;
}

// log1p32 returns log(1+x) for x from 0 to 1, off by less than 1.3 units in the last place:
// the logarithm of the rounded sum, and what the rounding took.
DEVICE float log1p32(float x) {
  float u = 1 + x;
  return log32(u) + (x - (u - 1)) / u;
}
