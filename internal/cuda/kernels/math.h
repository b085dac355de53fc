// The functions that activations are made of, in single precision. Errors are in units of
// the last place (ulp) of the result, and are what tests hold them to.
#pragma once
#include "exp.h"

// Parts says that e^x is power·(1+q), and e^x-1 power·q + (power-1).
struct Parts {
  float power, q;
};

// parts32 takes an x within ±87, or NaN. Its arithmetic is that of the CPU's recurrent
// cells where they have AVX, bit for bit: k is the integer nearest to x/ln 2, and q the
// Taylor polynomial of degree 7 of e^r-1 for the rest |r| ≤ ln(2)/2, off by 5e-9 at most.
DEVICE Parts parts32(float x) {
  const float round = 12582912.0f; // 1.5·2^23
  float shifted = 1.44269504f * x + round, k = shifted - round;
  // ln 2 in two parts, the first of which is exact times a small whole number.
  float r = fma32(k, 2.12194440e-4f, fma32(k, -0.693359375f, x));
  float p = taylor32(r);
  return {two_to((i32)(bits(shifted) - bits(round))), fma32(p, r * r, r)};
}

// sigmoid32 returns 1/(1+e^-x), off by less than 3 ulp. From -87 on it is the CPU's
// recurrent cells' bit for bit; below, they stay where they are, and this goes on to 0.
DEVICE float sigmoid32(float x) {
  if (x < -87) return exp32(x);
  Parts e = parts32(x > 87 ? -87 : -x);
  return 1 / (1 + fma32(e.q, e.power, e.power));
}

// expm1_32 returns e^x-1 for x ≤ 0, off by less than 1 ulp.
DEVICE float expm1_32(float x) {
  Parts e = parts32(x < -40 ? -40 : x);
  return fma32(e.q, e.power, e.power - 1);
}

// tanh32 is, with e = e^(-2|x|)-1, -e/(e+2) with the sign of x: off by less than 3 ulp, and
// the CPU's recurrent cells' bit for bit.
DEVICE float tanh32(float x) {
  u32 sign = bits(x) & 0x80000000u;
  float e = expm1_32(-2 * of_bits(bits(x) ^ sign));
  return of_bits((bits(e / (e + 2)) & 0x7fffffffu) | sign);
}

// Normal is the distribution function Φ of the normal distribution, and e^(-x²/2).
struct Normal {
  float phi, e;
};

// normal32 is off by less than 4 ulp in Φ, and 2 in the exponential. Below √½ in magnitude
// Φ is 1/2 + x·P(x²). Beyond it, with a = |x|,
//
//	Φ(-a) = e^(-a²/2)·Q((a-4)/(a+4)) / (1+3a/2)
//
// The minimax polynomials P and Q were fitted for this; relative to Φ they are off by 1.4e-9
// and 4.7e-9.
DEVICE Normal normal32(float x) {
  float a = of_bits(bits(x) & 0x7fffffffu);
  a = a > 15 ? 15 : a; // where e^(-a²/2) is 0; NaN stays
  // What the square is rounded by would be multiplied in the tail: it goes into the rest.
  float square = -0.5f * a * a, rounded = fma32(-0.5f * a, a, -square);
  const float round = 12582912.0f;
  float shifted = fma32(square, 1.44269504f, round), k = shifted - round;
  float r = fma32(k, 2.12194440e-4f, fma32(k, -0.693359375f, square)) + rounded;
  float p = taylor32(r);
  float q = fma32(p, r * r, r); // e^r-1
  i32 n = (i32)(bits(shifted) - bits(round)), half = n / 2;
  float one = two_to(half), other = two_to(n - half); // 2^k by itself may be out of range
  Normal y = {0, (1 + q) * one * other};
  if (a < 0.707106781f) {
    float u = a * a, c = 1.04227103e-4f;
    c = fma32(c, u, -0.00118248817f);
    c = fma32(c, u, 0.00997269433f);
    c = fma32(c, u, -0.0664903224f);
    c = fma32(c, u, 0.398942292f);
    y.phi = fma32(c, x, 0.5f);
    return y;
  }
  float t = (a - 4) / (a + 4), c = 0.00102760491f;
  c = fma32(c, t, -0.000827575568f);
  c = fma32(c, t, -0.00772694452f);
  c = fma32(c, t, 0.0311695654f);
  c = fma32(c, t, -0.063732855f);
  c = fma32(c, t, 0.078752473f);
  c = fma32(c, t, -0.0411900058f);
  c = fma32(c, t, -0.0598563105f);
  c = fma32(c, t, 0.660874486f);
  c /= fma32(1.5f, a, 1);
  float tail = fma32(c, q, c) * one * other;
  y.phi = x > 0 ? 1 - tail : tail;
  return y;
}
